document.querySelectorAll(".scrubber").forEach(function (scrubber) {
  var frames = scrubber.querySelectorAll(".frames img");
  var slider = scrubber.querySelector("input");
  function show() {
    frames.forEach(function (frame, number) {
      frame.classList.toggle("on", number === slider.value - 1);
    });
    scrubber.querySelector("output").textContent = frames[slider.value - 1].alt;
  }
  slider.addEventListener("input", show);
  show();
});
