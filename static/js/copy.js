// A button that copies what stands in a field: <textarea data-copy="Copy the address">. Without scripts one selects and copies.
const said = document.getElementById("announcements");

if (navigator.clipboard) {
  document.querySelectorAll("[data-copy]").forEach((field) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "govuk-button govuk-button--secondary";
    button.textContent = field.dataset.copy;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(field.value);
      button.textContent = "Copied";
      said.textContent = "Copied";
    });
    field.after(button);
  });
}
