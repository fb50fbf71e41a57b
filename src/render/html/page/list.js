
/**
 * Rows of equal height, of which only those near the viewport exist. The row at `active` always exists, so that scrolling does not lose the
 * focus. Rows are in order in the document, because screen readers read them in that order.
 */
class Rows {
  /** Number of rows that are rendered beyond each edge of the viewport. */
  static MARGIN = 8;

  constructor(viewport, body, draw) {
    Object.assign(this, { viewport, body, draw, count: 0, active: 0, height: 0, existing: new Map() });
    let frame = 0;
    viewport.addEventListener("scroll", () => {
      frame ||= requestAnimationFrame(() => {
        frame = 0;
        this.render();
      });
    }, { passive: true });
    new ResizeObserver(() => this.measure()).observe(viewport);
  }

  /** Sets the number of rows and redraws all of them. */
  show(count) {
    const focused = this.body.contains(document.activeElement);
    this.count = count;
    this.active = Math.max(0, Math.min(this.active, count - 1));
    this.existing.clear();
    this.body.replaceChildren();
    this.measure(true);
    if (focused) this.focus();
  }

  measure(again = false) {
    const height = parseFloat(getComputedStyle(this.body).getPropertyValue("--row"));
    if (height !== this.height || again) {
      this.height = height;
      this.body.style.height = `${this.count * height}px`;
      this.existing.forEach((row, index) => (row.style.top = `${index * height}px`));
    }
    this.render();
  }

  render() {
    const first = Math.max(0, Math.floor(this.viewport.scrollTop / this.height) - Rows.MARGIN);
    const last = Math.min(this.count, Math.ceil((this.viewport.scrollTop + this.viewport.clientHeight) / this.height) + Rows.MARGIN);
    const wanted = [];
    for (let index = first; index < last; index += 1) wanted.push(index);
    if (this.active < first && this.count > 0) wanted.unshift(this.active);
    if (this.active >= last && this.active < this.count) wanted.push(this.active);
    const keep = new Set(wanted);
    for (const [index, row] of this.existing) {
      if (!keep.has(index)) {
        row.remove();
        this.existing.delete(index);
      }
    }
    let next = this.body.firstElementChild;
    for (const index of wanted) {
      const row = this.existing.get(index);
      if (row) {
        next = row.nextElementSibling;
      } else {
        const drawn = this.draw(index);
        drawn.style.top = `${index * this.height}px`;
        this.existing.set(index, drawn);
        this.body.insertBefore(drawn, next);
      }
    }
  }

  /** Makes a row the active one, which has or would get the focus, and scrolls it into view. */
  activate(index) {
    const before = this.active;
    this.active = Math.max(0, Math.min(index, this.count - 1));
    const top = this.active * this.height;
    const room = this.viewport.clientHeight - this.body.offsetTop;
    if (top < this.viewport.scrollTop) this.viewport.scrollTop = top;
    else if (top + this.height > this.viewport.scrollTop + room) this.viewport.scrollTop = top + this.height - room;
    this.render();
    this.redraw(before);
    this.redraw(this.active);
  }

  /** Redraws a row in its place. */
  redraw(index) {
    const row = this.existing.get(index);
    if (!row) return;
    const focused = row.contains(document.activeElement);
    const drawn = this.draw(index);
    drawn.style.top = row.style.top;
    row.replaceWith(drawn);
    this.existing.set(index, drawn);
    if (focused) this.focus();
  }

  /** Focuses the focusable element of the active row. */
  focus() {
    const row = this.existing.get(this.active);
    const target = row?.matches('[tabindex="0"]') ? row : row?.querySelector('[tabindex="0"]');
    target?.focus({ preventScroll: true });
  }

  /** Number of complete rows that fit. */
  get page() {
    return Math.max(1, Math.floor((this.viewport.clientHeight - this.body.offsetTop) / this.height) - 1);
  }
}
