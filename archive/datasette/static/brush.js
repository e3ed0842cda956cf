// Lets days be chosen on a timeline by dragging over it, or with two sliders under it. Without this script its bars are
// links and the form has two date fields; both stay.
"use strict";

for (const figure of document.querySelectorAll("figure.brush")) {
    const form = document.querySelector("form[data-brush]");
    const svg = figure.querySelector("svg.timeline");
    const bars = [...svg.querySelectorAll(".bar")];
    if (form && bars.length > 1) addBrush(figure, svg, bars, form);
}

function addBrush(figure, svg, bars, form) {
    const fields = [form.elements.since, form.elements.until];
    const chosen = bars.map((bar, place) => (bar.classList.contains("chosen") ? place : -1)).filter((place) => place >= 0);
    let range = [chosen[0] ?? 0, chosen.at(-1) ?? bars.length - 1];
    const sliders = ["From", "To"].map((name, end) => slider(name, range[end]));
    const said = document.createElement("output");
    const box = document.createElement("p");
    box.className = "sliders";
    box.append(...sliders.map((one) => one.label), said);
    figure.after(box);
    say();

    function slider(name, value) {
        const label = document.createElement("label");
        const input = document.createElement("input");
        Object.assign(input, { type: "range", min: 0, max: bars.length - 1, value });
        input.setAttribute("aria-label", `${name} day`);
        label.append(`${name} `, input);
        input.addEventListener("input", () => choose(sliders[0].input.valueAsNumber, sliders[1].input.valueAsNumber));
        input.addEventListener("change", () => form.requestSubmit());
        return { label, input };
    }

    function choose(one, other) {
        range = [Math.min(one, other), Math.max(one, other)];
        figure.classList.add("narrowed");
        bars.forEach((bar, place) => bar.classList.toggle("chosen", place >= range[0] && place <= range[1]));
        fields[0].value = bars[range[0]].dataset.since;
        fields[1].value = bars[range[1]].dataset.until;
        say();
    }

    function say() {
        const [since, until] = [bars[range[0]].dataset.since, bars[range[1]].dataset.until];
        said.textContent = since === until ? since : `${since} to ${until}`;
        sliders.forEach((one, end) => one.input.setAttribute("aria-valuetext", end ? until : since));
    }

    function placeOf(event) {
        const { left, width } = svg.getBoundingClientRect();
        const place = Math.floor(((event.clientX - left) / width) * bars.length);
        return Math.max(0, Math.min(bars.length - 1, place));
    }

    let begun = null; // the bar at which the pointer went down
    let dragged = false;
    svg.addEventListener("dragstart", (event) => event.preventDefault());
    svg.addEventListener("pointerdown", (event) => {
        if (event.button) return;
        [begun, dragged] = [placeOf(event), false];
    });
    svg.addEventListener("pointermove", (event) => {
        if (begun === null || (!dragged && placeOf(event) === begun)) return;
        if (!dragged) svg.setPointerCapture(event.pointerId);
        dragged = true;
        choose(begun, placeOf(event));
    });
    svg.addEventListener("pointerup", () => {
        if (begun !== null && dragged) form.requestSubmit();
        begun = null;
    });
    svg.addEventListener("pointercancel", () => (begun = null));
    svg.addEventListener("click", (event) => dragged && event.preventDefault(), true);
}
