// Two runs are compared: says how many are chosen, and lets the form go with two alone. Without it the server says so.
"use strict";

const form = document.getElementById("comparison");
if (form) {
  const button = form.querySelector("button");
  const state = document.getElementById("comparison-state");

  function update() {
    const count = form.querySelectorAll("input:checked").length;
    button.disabled = count !== 2;
    state.textContent = count === 2 ? "" : `${count} of 2 chosen`;
  }

  form.addEventListener("change", update);
  window.addEventListener("pageshow", update);
  update();
}
