package page_test

// faint is an expression for the browser: a line for each kind of text that is
// seen but hard to read, by the measure of the Web Content Accessibility
// Guidelines: a contrast below 4.5, or 3 for large letters.
const faint = `(() => {
	const pen = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
	const parts = (colour) => {
		pen.clearRect(0, 0, 1, 1);
		pen.fillStyle = colour;
		pen.fillRect(0, 0, 1, 1);
		const [r, g, b, a] = pen.getImageData(0, 0, 1, 1).data;
		return [r, g, b, a / 255];
	};
	const over = (top, under) => [...top.slice(0, 3).map((v, i) => v * top[3] + under[i] * (1 - top[3])), 1];
	const light = (colour) => {
		const [r, g, b] = colour.map((v) => (v / 255 <= 0.03928 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
		return 0.2126 * r + 0.7152 * g + 0.0722 * b;
	};
	const found = new Map();
	for (const e of document.querySelectorAll("body *")) {
		const text = [...e.childNodes].filter((n) => n.nodeType === Node.TEXT_NODE).map((n) => n.textContent.trim()).join(" ").trim();
		if (!text || !e.checkVisibility({ visibilityProperty: true }) || e.closest(".hidden, .skip, option, [disabled]")) continue;
		const style = getComputedStyle(e);
		const layers = [];
		let opacity = 1;
		for (let p = e; p; p = p.parentElement) {
			layers.unshift(parts(getComputedStyle(p).backgroundColor));
			opacity *= getComputedStyle(p).opacity;
		}
		const back = layers.reduce((under, top) => over(top, under), [255, 255, 255, 1]);
		const letters = parts(style.color);
		letters[3] *= opacity;
		const [a, b] = [light(over(letters, back)), light(back)].sort((x, y) => y - x);
		const ratio = (a + 0.05) / (b + 0.05);
		const size = parseFloat(style.fontSize);
		const large = size >= 24 || (style.fontWeight >= 700 && size >= 18.66);
		const kind = e.tagName + "." + (e.getAttribute("class") ?? "");
		if (ratio < (large ? 3 : 4.5) - 0.01 && !found.has(kind)) found.set(kind, ratio.toFixed(2) + " " + kind + ": " + text.slice(0, 40));
	}
	return [...found.values()].join("\n");
})()`
