// Puts what is selected in the context into the proof block, and sends the form with Ctrl+Enter. The form works without.
"use strict";

const field = document.getElementById("response");
const context = document.getElementById("context");
const quote = document.getElementById("quote");
const state = document.getElementById("quote-state");

function selected() {
  const selection = document.getSelection();
  if (selection.isCollapsed || !context.contains(selection.anchorNode) || !context.contains(selection.focusNode)) {
    return "";
  }
  return selection.toString().trim();
}

function withQuotation(text, quotation) {
  const end = text.indexOf("</proof>");
  if (end < 0) {
    return null;
  }
  const before = text.slice(0, end).replace(/\s+$/, "");
  return `${before}\n${quotation.replace(/\s+/g, " ")}\n${text.slice(end)}`;
}

if (field && context && quote) {
  quote.hidden = false;
  quote.addEventListener("click", () => {
    const quotation = selected();
    const text = quotation && withQuotation(field.value, quotation);
    if (text) {
      field.value = text;
      state.textContent = "Added to the proof.";
    } else {
      state.textContent = quotation ? "There is no </proof> to put it before." : "Select a sentence of the context first.";
    }
  });
  // A press on the button would take the selection away before the click.
  quote.addEventListener("mousedown", (event) => event.preventDefault());
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      field.form.requestSubmit();
    }
  });
}
