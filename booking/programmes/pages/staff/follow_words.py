"""What a change of a calendar means for runs, as its page shows it: a row for each run, and what happens if the ticked follow."""

from collections.abc import Collection
from typing import Any

from booking.programmes.changes.following_terms import Done, Followed
from booking.programmes.changes.term_effects import RunEffect
from booking.words import DAYS, clock_time, count_words, short_day, time_range


def shown(done: Done, ticked: Collection[str], undo_minutes: int) -> dict[str, Any]:
    """What the check page needs of a preview."""
    by_run = {each.effect.id: each for each in done.followed}
    rows = [_row(effect, effect.mark in ticked, by_run.get(effect.id)) for effect in done.effects.runs]
    return {
        "groups": [
            (words, [row for row in rows if row["state"] == state])
            for state, words in (("published", "Published: families know of these"), ("draft", "Drafts"))
        ],
        "hidden_runs": done.effects.hidden,
        "can_follow": [row["mark"] for row in rows if row["lost"]],
        "happens": sentences(done, undo_minutes),
        "has_runs": bool(rows),
    }


def _row(effect: RunEffect, is_ticked: bool, followed: Followed | None) -> dict[str, Any]:
    run = effect.run
    return {
        "id": effect.id,
        "mark": effect.mark,
        "href": f"/staff/plan/{effect.id}" if effect.is_draft else f"/staff/runs/{effect.id}",
        "title": run["title"],
        "where": run["location_name"],
        "when": f"{DAYS[run['weekday']]}s {time_range(run['start_time'], run['end_time'])}",
        "state": run["run_state"],
        "lost": [
            {"id": each.session_id, "day": short_day(each.day), "year": each.day.year, "why": each.why}
            for each in effect.lost
        ],
        "again": [
            {
                "day": short_day(day),
                "why": why,
                "href": "" if effect.is_draft else f"/staff/runs/{effect.id}/add-date?date={day.isoformat()}",
            }
            for day, why in effect.again
        ],
        "families": count_words(effect.families, "family booked", "families booked") if effect.families else "",
        "counts_held": effect.counts_held,
        "is_ticked": is_ticked,
        "added": [short_day(day) for day in followed.added] if followed else [],
        "missing": followed.missing if followed else 0,
    }


def sentences(done: Done, undo_minutes: int) -> list[str]:
    """What happens, a sentence each."""
    cancelled = sum(len(each.cancelled) for each in done.followed if not each.effect.is_draft)
    dropped = sum(len(each.cancelled) for each in done.followed if each.effect.is_draft)
    added, missing = sum(len(each.added) for each in done.followed), sum(each.missing for each in done.followed)
    stays = len([run for run in done.effects.runs if run.lost]) - len(done.followed)
    creche = ", the crèche with it" if any(each.effect.run["creche_run_id"] for each in done.followed) else ""
    found = [
        f"{count_words(cancelled, 'date is', 'dates are')} cancelled{creche}." if cancelled else "",
        f"{count_words(dropped, 'date is', 'dates are')} left out of drafts; nobody is told." if dropped else "",
        f"{count_words(added, 'date is', 'dates are')} added at the end, so that nothing is lost." if added else "",
        f"For {count_words(missing, 'date', 'dates')} no free room was found at the end: add one by hand."
        if missing
        else "",
        f"Families get {count_words(done.sms, 'text message')} and {count_words(done.mails, 'email')}. They leave at"
        f" {clock_time(done.undo_until)}, not before."
        if done.sms or done.mails
        else "",
        f"{count_words(done.to_ring, 'family has', 'families have')} to be rung." if done.to_ring else "",
        f"{count_words(stays, 'run stays as it is', 'runs stay as they are')}: you did not tick {'it' if stays == 1 else 'them'}."
        if stays > 0
        else "",
        f"For {undo_minutes} minutes you can undo all of it.",
    ]
    return ["The calendar changes.", *(sentence for sentence in found if sentence)]
