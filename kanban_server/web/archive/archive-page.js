import "../lib/el.js";

class ArchivePage extends HTMLElement {
  show() {}
}

customElements.define("archive-page", ArchivePage);
