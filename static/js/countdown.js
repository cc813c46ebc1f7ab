// Counts down until another code may be asked for, then shows the button in place of the words.

for (const words of document.querySelectorAll("[data-countdown]")) {
  const until = performance.now() + Number(words.dataset.countdown) * 1000
  const button = document.getElementById(words.dataset.then)

  const tick = () => {
    const seconds = Math.ceil((until - performance.now()) / 1000)
    if (seconds > 0) {
      words.textContent = words.dataset.words.replace("{seconds}", seconds)
      return
    }
    clearInterval(timer)
    words.hidden = true
    button.hidden = false
  }

  const timer = setInterval(tick, 1000)
}
