document.querySelectorAll(".scrubber").forEach(function (scrubber) {
  var frames = scrubber.querySelectorAll(".frames img");
  var slider = scrubber.querySelector("input");
  function show() {
    frames.forEach(function (frame, number) {
      var on = number === slider.value - 1;
      frame.classList.toggle("on", on);
      frame.classList.toggle("off", !on);
    });
    scrubber.querySelector("output").textContent = frames[slider.value - 1].alt;
  }
  slider.addEventListener("input", show);
  show();
});
