"""Make the styles that come with impasto anew, from a folder of the paintings.

    python tools/named_styles.py PAINTINGS [NAME...] [--photos PHOTOS]

After the network was trained again: all of them. A style takes less than a second, or, with photos to practice on,
some minutes.
"""

import argparse
from functools import cache
from pathlib import Path

import impasto.styles
from impasto.methods.style import style_to_save
from impasto.networks.feedforward import load_feedforward
from impasto.settings import LearnSettings
from impasto.training.adaptation import Lessons

STYLES = {
    "bathers": ("seurat-bathers-at-asnieres", "Georges Seurat, Bathers at Asnières, 1884"),
    "bedroom": ("van-gogh-the-bedroom", "Vincent van Gogh, The Bedroom, 1888"),
    "blue-horses": ("marc-large-blue-horses", "Franz Marc, The Large Blue Horses, 1911"),
    "boating-party": ("renoir-luncheon-of-the-boating-party", "Auguste Renoir, Luncheon of the Boating Party, 1881"),
    "cafe-terrace": ("van-gogh-cafe-terrace-at-night", "Vincent van Gogh, Café Terrace at Night, 1888"),
    "calanque": ("signac-la-calanque", "Paul Signac, La Calanque, 1906"),
    "composition-vii": ("kandinsky-composition-vii", "Wassily Kandinsky, Composition VII, 1913"),
    "composition-viii": ("kandinsky-composition-viii", "Wassily Kandinsky, Composition VIII, 1923"),
    "creation-of-adam": ("michelangelo-creation-of-adam", "Michelangelo, The Creation of Adam, about 1511"),
    "dance": ("matisse-dance", "Henri Matisse, Dance, 1910"),
    "eiffel-tower": ("delaunay-eiffel-tower", "Robert Delaunay, The Eiffel Tower, 1911"),
    "fuchun-mountains": (
        "huang-gongwang-dwelling-in-the-fuchun-mountains",
        "Huang Gongwang, Dwelling in the Fuchun Mountains, 1350",
    ),
    "girl-with-pearl-earring": ("vermeer-girl-with-a-pearl-earring", "Johannes Vermeer, about 1665"),
    "golden-autumn": ("levitan-golden-autumn", "Isaac Levitan, Golden Autumn, 1895"),
    "hunters-in-the-snow": ("bruegel-hunters-in-the-snow", "Pieter Bruegel the Elder, Hunters in the Snow, 1565"),
    "jellyfish": ("haeckel-discomedusae-8", "Ernst Haeckel, Art Forms in Nature, plate 8, 1899"),
    "kiss": ("klimt-the-kiss", "Gustav Klimt, The Kiss, 1908"),
    "mad-tea-party": ("tenniel-alice-mad-tea-party", "John Tenniel, wood engraving for Alice in Wonderland, 1865"),
    "mona-lisa": ("leonardo-mona-lisa", "Leonardo da Vinci, Mona Lisa, about 1503"),
    "mont-sainte-victoire": ("cezanne-mont-sainte-victoire", "Paul Cézanne, Mont Sainte-Victoire, about 1904"),
    "naruto-whirlpools": ("hiroshige-naruto-whirlpools", "Utagawa Hiroshige, Naruto Whirlpools, 1855"),
    "plum-park": ("hiroshige-plum-park-in-kameido", "Utagawa Hiroshige, Plum Park in Kameido, 1857"),
    "poppies": ("monet-poppies", "Claude Monet, Poppies, 1873"),
    "rain-steam-and-speed": ("turner-rain-steam-and-speed", "J. M. W. Turner, Rain, Steam and Speed, 1844"),
    "rooster": ("ito-jakuchu-jakuchu-rooster", "Itō Jakuchū, Nandina and Rooster, about 1763"),
    "scream": ("munch-the-scream", "Edvard Munch, The Scream, 1893"),
    "senecio": ("paul-klee-senecio", "Paul Klee, Senecio, 1922"),
    "skeleton-spectre": ("kuniyoshi-takiyasha-and-the-skeleton-spectre", "Utagawa Kuniyoshi, Takiyasha, about 1844"),
    "sleeping-gypsy": ("rousseau-the-sleeping-gypsy", "Henri Rousseau, The Sleeping Gypsy, 1897"),
    "starry-night": ("van-gogh-starry-night", "Vincent van Gogh, The Starry Night, 1889"),
    "stormy-wave": ("aivazovsky-wave", "Ivan Aivazovsky, The Wave, 1889"),
    "sunflowers": ("van-gogh-sunflowers", "Vincent van Gogh, Sunflowers, 1888"),
    "thousand-li": ("wang-ximeng-thousand-li-of-rivers-and-mountains", "Wang Ximeng, A Thousand Li of Rivers, 1113"),
    "tower-of-babel": ("bruegel-tower-of-babel", "Pieter Bruegel the Elder, The Tower of Babel, 1563"),
    "udnie": ("picabia-udnie", "Francis Picabia, Udnie, 1913"),
    "water-lilies": ("monet-water-lilies-1919", "Claude Monet, Water Lilies, 1919"),
    "wheat-field": ("van-gogh-wheat-field-with-cypresses", "Vincent van Gogh, Wheat Field with Cypresses, 1889"),
    "woman-with-a-hat": ("matisse-woman-with-a-hat", "Henri Matisse, Woman with a Hat, 1905"),
}

RATES = {"stormy-wave": 0.002, "rain-steam-and-speed": 0.002}
"""At which these are learned: their largest shapes are foam and haze, and at the usual rate would cover a face."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paintings", type=Path)
    parser.add_argument("names", nargs="*", metavar="NAME", help="of those to make; else all")
    parser.add_argument("--photos", type=Path, help="folder of photos on which each is learned, too")
    options = parser.parse_args()
    folder, network = Path(impasto.styles.__file__).parent, load_feedforward()

    @cache
    def lessons(rate: float) -> Lessons:
        return Lessons([options.photos], LearnSettings(rate=rate))

    for name in options.names or STYLES:
        file, about = STYLES[name]
        painting = options.paintings / f"{file}.jpg"
        rate = RATES.get(name, LearnSettings().rate)
        learned = lessons(rate).learn(painting, lambda _: None) if options.photos else None
        content = style_to_save(network, painting, about, learned).file()
        (folder / f"{name}{impasto.styles.SUFFIX}").write_bytes(content)
        print(f"{name:24} {len(content) / 1000:5.0f} kB  {about}", flush=True)


if __name__ == "__main__":
    main()
