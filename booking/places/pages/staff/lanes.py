"""A room on one day as HTML: a list by time, which the style sheet stands on its hours where there is room for it.

Written here and not in a template, because a week of twenty rooms has more than a thousand blocks, and a loop of the template
engine costs five times as much for each.
"""

from dataclasses import dataclass

from markupsafe import Markup, escape

from booking.places.grid import Block
from booking.places.opening import Day


@dataclass(slots=True)
class Lane:
    """A room on one day. `shut` says why nothing can be had, if so; `book` is where free time leads, but for the time."""

    room_id: str
    day: Day
    blocks: list[Block]
    now: str
    shut: str
    book: str

    def html(self, *, has_now: bool) -> Markup:
        """The list; with `has_now` the line for now is in it."""
        lines = [f'<ol class="lane" data-room="{self.room_id}" data-date="{self.day.date}">']
        if self.shut:
            lines.append(f'<li class="lane__shut">{escape(self.shut)}</li>')
        book = self.book.replace("&", "&amp;")
        lines += [_use(block) if block.use else _free(block, book) for block in self.blocks]
        if has_now and self.now:
            lines.append(f'<li class="now {self.now}" aria-hidden="true"></li>')
        lines.append("</ol>")
        return Markup("\n".join(lines))  # what is not ours in it is escaped


def _use(block: Block) -> str:
    use = block.use
    assert use
    place, held = (f" {block.place}", f" use--held {block.band}") if block.band else ("", f" {block.place}")
    tag, href = ("a", f' href="{use.href}"') if use.href else ("span", "")
    moves = " data-moves" if use.is_movable else ""
    note = f' <span class="use__note">{escape(use.note)}</span>' if use.note else ""
    return (
        f'<li class="use is-{use.kind}{held}"{moves}><{tag} class="use__what{place}"{href}>'
        f'<b class="use__title">{escape(use.title)}</b> <span class="use__time">{block.times}</span>{note}'
        f' <span class="kind is-{use.kind}">{use.kind_words}</span></{tag}></li>'
    )


def _free(block: Block, book: str) -> str:
    if block.kind == "gap":
        return f'<li class="gap {block.place}" aria-hidden="true"></li>'
    return (
        f'<li class="free {block.place}"><a class="free__link" href="{book}&amp;start={block.start}&amp;end={block.end}">'
        f'<b>Free</b> <span class="free__time">{block.times}</span></a></li>'
    )
