// Whether this browser has passkeys. No module: what needs them is shown with the first picture of the page, or never.

if (window.PublicKeyCredential && navigator.credentials) document.documentElement.dataset.passkeys = "";
