// A table that is wider than the page scrolls in a box of its own; the keyboard has to reach it.
function reach() {
  for (const box of document.querySelectorAll(".md-typeset__scrollwrap")) {
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
  }
}
addEventListener("load", () => requestAnimationFrame(reach));
addEventListener("resize", reach);
