"""A small map of places, drawn by us: nobody outside learns who looked for what. Pure: degrees in, a picture out.

Over a county an equirectangular projection about the middle is right to a few metres: one degree of latitude is 69.09
miles, one of longitude that times the cosine of the latitude. Lengths are in units of the picture.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import cos, pi, radians, sin

from booking.places.kinds import KIND_WORDS
from booking.places.near import EARTH_MILES, Point
from booking.words import count_words

MILES_PER_DEGREE = EARTH_MILES * pi / 180
WIDTH, HEIGHT = 420, 400
MARGIN = 34
PIN = 15
WORDS_BELOW = 24
"""How far below the middle its words stand."""
REACHES = {1: (0.5, 1), 2: (1, 2), 3: (1, 3), 5: (2, 5), 10: (5, 10), 15: (5, 15), 20: (10, 20), 40: (20, 40)}
"""How many miles a map reaches from its middle, and where its rings are."""
SCALES = (0.25, 0.5, 1, 2, 5, 10, 20, 50)


@dataclass(frozen=True, slots=True)
class Spot:
    """A place to draw. `number` is its number in the list beside the map."""

    lat: float
    lon: float
    number: int
    kind: str
    name: str
    href: str


@dataclass(frozen=True, slots=True)
class Pin:
    """A spot on the picture. Where pins would cover each other one is moved: then its true point is at_x, at_y."""

    x: float
    y: float
    at_x: float
    at_y: float
    spot: Spot

    @property
    def is_moved(self) -> bool:
        return (self.x, self.y) != (self.at_x, self.at_y)


@dataclass(frozen=True, slots=True)
class Ring:
    """A distance from the middle; its words stand at x, y, where no pin is."""

    r: float
    words: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Scale:
    """The bar that says how long a distance is."""

    length: float
    words: str


@dataclass(frozen=True, slots=True)
class Frame:
    """What part of the world the picture shows."""

    lat: float
    lon: float
    units_per_mile: float
    width: int = WIDTH
    height: int = HEIGHT

    def on_picture(self, lat: float, lon: float) -> tuple[float, float]:
        north = (lat - self.lat) * MILES_PER_DEGREE
        east = (lon - self.lon) * MILES_PER_DEGREE * cos(radians(self.lat))
        return (
            round(self.width / 2 + east * self.units_per_mile, 1),
            round(self.height / 2 - north * self.units_per_mile, 1),
        )

    def bounds(self) -> tuple[float, float, float, float]:
        """South, west, north, east, in degrees."""
        high = self.height / 2 / self.units_per_mile / MILES_PER_DEGREE
        wide = self.width / 2 / self.units_per_mile / (MILES_PER_DEGREE * cos(radians(self.lat)))
        return self.lat - high, self.lon - wide, self.lat + high, self.lon + wide

    def holds(self, x: float, y: float, margin: float = PIN) -> bool:
        return margin <= x <= self.width - margin and margin <= y <= self.height - margin


@dataclass(frozen=True, slots=True)
class CountyMap:
    """All that templates/components/map.html draws. `homes` is an SVG path of dots where people live."""

    frame: Frame
    pins: tuple[Pin, ...]
    rings: tuple[Ring, ...]
    you: str
    scale: Scale
    homes: str = ""

    @property
    def kinds(self) -> list[str]:
        """The kinds drawn, for the key."""
        drawn = {pin.spot.kind for pin in self.pins}
        return [kind for kind in KIND_WORDS if kind in drawn]


def around(point: Point, spots: Sequence[Spot], at_least: int = 4) -> CountyMap:
    """A map with the point in the middle, rings of miles around it, and room for the nearest `at_least` places."""
    reach = _reach(point, spots, at_least)
    frame = Frame(point.lat, point.lon, (HEIGHT / 2 - MARGIN) / reach)
    pins = _pins(frame, spots, keep_free=bool(point.words))
    rings = tuple(_ring(frame, far, pins) for far in REACHES[reach])
    return CountyMap(frame, pins, rings, point.words, _scale(frame))


def of_all(spots: Sequence[Spot]) -> CountyMap:
    """A map on which every spot has room. Raises ValueError without spots."""
    lats, lons = [spot.lat for spot in spots], [spot.lon for spot in spots]
    lat, lon = (min(lats) + max(lats)) / 2, (min(lons) + max(lons)) / 2
    high = (max(lats) - min(lats)) * MILES_PER_DEGREE
    wide = (max(lons) - min(lons)) * MILES_PER_DEGREE * cos(radians(lat))
    across, down = WIDTH - 2 * MARGIN, HEIGHT - 2 * MARGIN
    frame = Frame(lat, lon, min(across / max(wide, 1), down / max(high, 1)))
    return CountyMap(frame, _pins(frame, spots), (), "", _scale(frame))


def homes_path(frame: Frame, homes: Iterable[tuple[float, float]]) -> str:
    """Dots for round line ends at these points (lat, lon), so that towns and villages can be made out."""
    return "".join(f"M{x:.0f} {y:.0f}h0" for x, y in (frame.on_picture(*home) for home in homes))


def _reach(point: Point, spots: Sequence[Spot], at_least: int) -> int:
    middle = Frame(point.lat, point.lon, 1, 0, 0)
    far = sorted(max(map(abs, middle.on_picture(spot.lat, spot.lon))) for spot in spots)[:at_least]
    return next((reach for reach in REACHES if not far or far[-1] <= reach), max(REACHES))


def _pins(frame: Frame, spots: Iterable[Spot], *, keep_free: bool = False) -> tuple[Pin, ...]:
    """The spots inside the frame. Where two would cover each other, or the middle, the later one is moved aside."""
    taken = _middle_with_its_words(frame) if keep_free else []
    pins = []
    for spot in spots:
        x, y = frame.on_picture(spot.lat, spot.lon)
        if frame.holds(x, y):
            aside = next((place for place in _beside(x, y) if frame.holds(*place) and _is_free(place, taken)), (x, y))
            taken.append(aside)
            pins.append(Pin(*aside, x, y, spot))
    return tuple(pins)


def _ring(frame: Frame, far: float, pins: Sequence[Pin]) -> Ring:
    r = far * frame.units_per_mile
    turns = (-0.5 * pi, 0.5 * pi, -0.25 * pi, -0.75 * pi, 0.25 * pi, 0.75 * pi)
    places = [(frame.width / 2 + r * cos(turn), frame.height / 2 + r * sin(turn)) for turn in turns]
    x, y = next((place for place in places if all(_is_clear(place, pin) for pin in pins)), places[0])
    return Ring(round(r, 1), _miles(far), round(x, 1), round(y + 4, 1))


def _is_clear(place: tuple[float, float], pin: Pin) -> bool:
    """Whether words at this place, some 60 units wide, are free of the pin."""
    return abs(place[0] - pin.x) > PIN + 30 or abs(place[1] - pin.y) > PIN + 12


def _middle_with_its_words(frame: Frame) -> list[tuple[float, float]]:
    x, y = frame.width / 2, frame.height / 2
    return [(x, y), *((x + aside, y + WORDS_BELOW) for aside in (-26, 0, 26))]


def _beside(x: float, y: float) -> Iterable[tuple[float, float]]:
    yield x, y
    for far in (2.2, 3.3, 4.4):
        for step in range(12):
            turn = step * pi / 6
            yield round(x + far * PIN * cos(turn), 1), round(y + far * PIN * sin(turn), 1)


def _is_free(place: tuple[float, float], taken: Iterable[tuple[float, float]]) -> bool:
    return all((place[0] - x) ** 2 + (place[1] - y) ** 2 >= (2 * PIN) ** 2 for x, y in taken)


def _scale(frame: Frame) -> Scale:
    longest = next((s for s in reversed(SCALES) if s * frame.units_per_mile <= frame.width / 4), SCALES[0])
    return Scale(round(longest * frame.units_per_mile, 1), _miles(longest))


def _miles(far: float) -> str:
    whole = {0.25: "¼ mile", 0.5: "½ mile"}
    return whole.get(far) or count_words(int(far), "mile")
