// A rendering thread that does not begin.
setInterval(() => {}, 1000)
