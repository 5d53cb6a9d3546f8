// Photo -> painting, with onnxruntime-web. `paint.onnx` and `looks.onnx` are what `impasto export` writes.

const UNIT = 8; // sides of a picture are multiples of it
const at = (id) => document.getElementById(id);
const told = (words) => { at("told").textContent = words; };

let photo = null; // an ImageBitmap
let own = null; // numbers of the visitor's own style picture, of which nothing was learned
let painting = Promise.resolve(); // one at a time
let asked = 0;

const failed = (error) => told(`It did not work: ${error.message}`);
for (const kind of ["error", "unhandledrejection"]) addEventListener(kind, ({ error, reason }) => failed(error ?? reason));

const ort = await import("./ort.wasm.bundle.min.mjs");
ort.env.wasm.wasmPaths = "./";
ort.env.wasm.numThreads = self.crossOriginIsolated ? navigator.hardwareConcurrency : 1;
const [paint, looks] = await Promise.all(["paint.onnx", "looks.onnx"].map((file) => ort.InferenceSession.create(file)));

const LEARNED = paint.inputMetadata.find(({ name }) => name === "learned").shape[1]; // numbers of what was learned

const styles = await (await fetch("styles.json")).json();
for (const [name, about] of Object.entries(styles)) at("style").add(new Option(`${name}: ${about}`, name));
at("style").value = "starry-night";

at("photo").onchange = () => chosen(at("photo").files[0], (picture) => { photo = picture; });
at("own").onchange = () => chosen(at("own").files[0], async (picture) => { own = await lookOf(picture); });
at("style").onchange = () => { own = null; at("own").value = ""; show(); };
at("strength").onchange = at("size").onchange = () => show();
told("Choose a photo.");

const wanted = new URLSearchParams(location.search); // ?photo=URL&style=NAME&size=256: at once
for (const id of ["style", "size", "strength"]) if (wanted.has(id)) at(id).value = wanted.get(id);
for (const id of ["own", "photo"]) at(id).onchange(); // what was chosen while the network was loaded
if (wanted.has("photo")) {
  photo = await createImageBitmap(await (await fetch(wanted.get("photo"))).blob());
  show();
}

// Takes up a file that was chosen, and paints anew. Without a file the choice was called off.
async function chosen(file, take) {
  if (!file) return;
  const picture = await createImageBitmap(file).catch(() => null);
  if (!picture) return told(`${file.name} is no picture that this browser can open. Choose a JPEG, PNG or WebP.`);
  await take(picture);
  show();
}

function show() {
  if (!photo) return;
  const turn = ++asked;
  painting = painting.then(() => turn === asked && painted()).catch(failed);
}

async function painted() {
  const [width, height] = sized(photo, Number(at("size").value) / Math.max(photo.width, photo.height));
  const image = pixelsOf(photo, width, height, at("before"));
  told("Painting...");
  await new Promise((resume) => setTimeout(resume, 20)); // let the words be seen
  const { style, learned } = own ?? await savedStyle(at("style").value, Math.sqrt(width * height));
  const strength = new ort.Tensor("float32", [Number(at("strength").value)], [1]);
  const began = performance.now();
  const result = await paint.run({ image, style, strength, learned });
  const seconds = (performance.now() - began) / 1000;
  draw(result.painted, at("after"));
  at("save").href = at("after").toDataURL("image/png");
  at("save").hidden = false;
  told(`Painted ${width}×${height} in ${seconds.toFixed(2)} s.`);
}

// The look of a picture at an area of about 512x512.
async function lookOf(picture) {
  const [width, height] = sized(picture, 512 / Math.sqrt(picture.width * picture.height));
  const { style } = await looks.run({ image: pixelsOf(picture, width, height, new OffscreenCanvas(1, 1)) });
  return { style, learned: new ort.Tensor("float32", new Float32Array(LEARNED), [1, LEARNED]) };
}

// Width and height of a picture at a scale, as the network wants them.
function sized({ width, height }, scale) {
  return [width, height].map((side) => Math.max(32, Math.round(side * scale / UNIT) * UNIT));
}

// A saved style is a safetensors file: its length, a header in JSON, numbers in 16 bits for each size, and what was
// learned: parts in 8 bits, each with a scale, which the network takes in the order of their names.
async function savedStyle(name, side) {
  const file = await (await fetch(`${name}.style`)).arrayBuffer();
  const length = Number(new DataView(file).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(file, 8, length)));
  const bytes = (key) => new DataView(file, 8 + length + header[key].data_offsets[0], sizeOf(header[key]));
  const sides = Object.keys(header).map(Number).filter((side) => side > 0);
  const nearest = sides.reduce((a, b) => Math.abs(Math.log(b / side)) < Math.abs(Math.log(a / side)) ? b : a);
  const halves = bytes(nearest);
  const numbers = Float32Array.from({ length: sizeOf(header[nearest]) / 2 }, (_, place) => fromHalf(halves.getUint16(2 * place, true)));
  const learned = new Float32Array(LEARNED);
  let filled = 0;
  for (const key of Object.keys(header).filter((each) => `${each}.scale` in header).sort()) {
    const part = bytes(key), scale = bytes(`${key}.scale`).getFloat32(0, true);
    for (let place = 0; place < part.byteLength; place++) learned[filled++] = scale * part.getInt8(place);
  }
  return {
    style: new ort.Tensor("float32", numbers, header[nearest].shape),
    learned: new ort.Tensor("float32", learned, [1, LEARNED]),
  };
}

const sizeOf = ({ data_offsets: [begin, end] }) => end - begin;

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
