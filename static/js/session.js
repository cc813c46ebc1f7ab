// What this tab remembers from page to page. Where storage is forbidden it remembers nothing, and says so.

// null: nothing, or not known.
export function recall(key) {
  try {
    return sessionStorage.getItem(key);
  } catch {
    return null;
  }
}

// Returns whether it will be remembered.
export function remember(key, value) {
  try {
    sessionStorage.setItem(key, value);
    return true;
  } catch {
    return false;
  }
}

export function forget(key) {
  try {
    sessionStorage.removeItem(key);
  } catch {
    // Then there is nothing.
  }
}
