// A page that is opened as a file may not start a Worker, and the search is one. This runs the
// worker's script in a hidden frame instead; over HTTP the browser's own Worker stays.
if (location.protocol === "file:") {
  window.Worker = class extends EventTarget {
    onmessage = null;
    onerror = null;

    constructor(url) {
      super();
      this.frame = document.createElement("iframe");
      this.frame.hidden = true;
      this.frame.title = "search";
      document.body.append(this.frame);
      const inside = this.frame.contentWindow;
      inside.postMessage = (data) => this.tell("message", { data: structuredClone(data) });
      const script = inside.document.createElement("script");
      this.ready = new Promise((resolve) => script.addEventListener("load", resolve));
      script.addEventListener("error", () => this.tell("error", {}));
      script.src = new URL(url, location.href).href;
      inside.document.body.append(script);
    }

    // Later, as a worker would: who made it has to set its listeners first.
    tell(kind, fields) {
      setTimeout(() => {
        const event = Object.assign(new Event(kind), fields);
        this.dispatchEvent(event);
        this[`on${kind}`]?.(event);
      });
    }

    // A copy, taken now: a worker shares nothing with who made it.
    postMessage(given) {
      const data = structuredClone(given);
      this.ready.then(() => {
        const inside = this.frame.contentWindow;
        inside?.dispatchEvent(new inside.MessageEvent("message", { data }));
      });
    }

    terminate() {
      this.frame.remove();
    }
  };
}
