/** A widget model without a kernel: the part of the Backbone interface that anywidget modules and links use. */
export class Model {
  #listeners = new Map();

  constructor(id, { model_name, model_module, state, buffers = [] }) {
    this.id = id;
    this.name = model_name;
    this.module = model_module;
    this.state = state;
    for (const { path, data } of buffers) {
      const holder = path.slice(0, -1).reduce((object, key) => object[key], state);
      holder[path.at(-1)] = new DataView(Uint8Array.from(atob(data), (c) => c.charCodeAt(0)).buffer);
    }
  }

  get(name) {
    return this.state[name];
  }

  set(name, value) {
    if (typeof name === "object") {
      for (const key in name) this.set(key, name[key]);
    } else if (JSON.stringify(this.state[name]) !== JSON.stringify(value)) {
      this.state[name] = value;
      for (const event of ["change:" + name, "change"]) {
        for (const listener of [...(this.#listeners.get(event) || [])]) listener(this, value);
      }
    }
  }

  on(events, listener) {
    for (const event of events.split(/\s+/)) {
      if (!this.#listeners.has(event)) this.#listeners.set(event, new Set());
      this.#listeners.get(event).add(listener);
    }
  }

  off(events, listener) {
    for (const event of events?.split(/\s+/) ?? this.#listeners.keys()) {
      if (listener) this.#listeners.get(event)?.delete(listener);
      else this.#listeners.delete(event);
    }
  }

  save_changes() {} // there is nobody to tell

  send() {}
}
