// Photo -> painting, with onnxruntime-web. `paint.onnx` and `looks.onnx` are what `impasto export` writes.

import * as ort from "./ort.wasm.bundle.min.mjs";

const UNIT = 8; // sides of a picture are multiples of it
const at = (id) => document.getElementById(id);
const told = (words) => { at("told").textContent = words; };

let photo = null; // an ImageBitmap
let own = null; // numbers of the visitor's own style picture
let painting = Promise.resolve(); // one at a time
let asked = 0;

ort.env.wasm.wasmPaths = "./";
ort.env.wasm.numThreads = self.crossOriginIsolated ? navigator.hardwareConcurrency : 1;
const [paint, looks] = await Promise.all(["paint.onnx", "looks.onnx"].map((file) => ort.InferenceSession.create(file)));

const styles = await (await fetch("styles.json")).json();
for (const [name, about] of Object.entries(styles)) at("style").add(new Option(`${name}: ${about}`, name));
at("style").value = "starry-night";

at("photo").onchange = async ({ target }) => { photo = await createImageBitmap(target.files[0]); show(); };
at("own").onchange = async ({ target }) => { own = await lookOf(await createImageBitmap(target.files[0])); show(); };
at("style").onchange = () => { own = null; at("own").value = ""; show(); };
at("strength").onchange = at("size").onchange = () => show();
told("Choose a photo.");

const wanted = new URLSearchParams(location.search); // ?photo=URL&style=NAME&size=256: at once
for (const id of ["style", "size", "strength"]) if (wanted.has(id)) at(id).value = wanted.get(id);
if (wanted.has("photo")) {
  photo = await createImageBitmap(await (await fetch(wanted.get("photo"))).blob());
  show();
}

function show() {
  if (!photo) return;
  const turn = ++asked;
  painting = painting.then(() => turn === asked && painted()).catch((error) => told(`It did not work: ${error.message}`));
}

async function painted() {
  const [width, height] = sized(photo, Number(at("size").value) / Math.max(photo.width, photo.height));
  const image = pixelsOf(photo, width, height, at("before"));
  told("Painting...");
  await new Promise((resume) => setTimeout(resume, 20)); // let the words be seen
  const style = own ?? await savedStyle(at("style").value, Math.sqrt(width * height));
  const strength = new ort.Tensor("float32", [Number(at("strength").value)], [1]);
  const began = performance.now();
  const result = await paint.run({ image, style, strength });
  const seconds = (performance.now() - began) / 1000;
  draw(result.painted, at("after"));
  at("save").href = at("after").toDataURL("image/png");
  at("save").hidden = false;
  told(`Painted ${width}×${height} in ${seconds.toFixed(2)} s.`);
}

// The look of a picture at an area of about 512x512.
async function lookOf(picture) {
  const [width, height] = sized(picture, 512 / Math.sqrt(picture.width * picture.height));
  return (await looks.run({ image: pixelsOf(picture, width, height, new OffscreenCanvas(1, 1)) })).style;
}

// Width and height of a picture at a scale, as the network wants them.
function sized({ width, height }, scale) {
  return [width, height].map((side) => Math.max(32, Math.round(side * scale / UNIT) * UNIT));
}

// A saved style is a safetensors file: its length, a header in JSON, and numbers in 16 bits for each size.
async function savedStyle(name, side) {
  const file = await (await fetch(`${name}.style`)).arrayBuffer();
  const length = Number(new DataView(file).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(file, 8, length)));
  const sides = Object.keys(header).filter((key) => key !== "__metadata__").map(Number);
  const nearest = sides.reduce((a, b) => Math.abs(Math.log(b / side)) < Math.abs(Math.log(a / side)) ? b : a);
  const { shape, data_offsets: [begin, end] } = header[nearest];
  const halves = new DataView(file, 8 + length + begin, end - begin);
  const numbers = Float32Array.from({ length: (end - begin) / 2 }, (_, place) => fromHalf(halves.getUint16(2 * place, true)));
  return new ort.Tensor("float32", numbers, shape);
}

function fromHalf(bits) {
  const sign = bits & 0x8000 ? -1 : 1, exponent = (bits >> 10) & 31, fraction = bits & 1023;
  return sign * (exponent ? 2 ** (exponent - 15) * (1 + fraction / 1024) : 2 ** -14 * fraction / 1024);
}

function pixelsOf(picture, width, height, canvas) {
  Object.assign(canvas, { width, height });
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.imageSmoothingQuality = "high";
  context.drawImage(picture, 0, 0, width, height);
  const { data } = context.getImageData(0, 0, width, height);
  const numbers = new Float32Array(3 * width * height);
  for (let place = 0; place < width * height; place++)
    for (let channel = 0; channel < 3; channel++)
      numbers[channel * width * height + place] = data[4 * place + channel] / 255;
  return new ort.Tensor("float32", numbers, [1, 3, height, width]);
}

function draw({ data, dims: [, , height, width] }, canvas) {
  Object.assign(canvas, { width, height });
  const pixels = new ImageData(width, height);
  for (let place = 0; place < width * height; place++) {
    for (let channel = 0; channel < 3; channel++)
      pixels.data[4 * place + channel] = Math.round(255 * data[channel * width * height + place]);
    pixels.data[4 * place + 3] = 255;
  }
  canvas.getContext("2d").putImageData(pixels, 0, 0);
}
