// Reads calendars with ical.js: a list of {name, text} in, for each its events and their times in UTC out.
import ICAL from "ical.js";
import { readFileSync } from "node:fs";

const MOST = 500;
const utc = (time) => new Date(time.toUnixTime() * 1000).toISOString().replace(".000Z", "Z");
const value = (component, name) => component.getFirstPropertyValue(name)?.toString() ?? "";

function timesOf(master, others) {
  const event = new ICAL.Event(master, { exceptions: others, strictExceptions: false });
  const found = [];
  const next = event.isRecurring() ? event.iterator() : null;
  if (!next) return [[utc(event.startDate), utc(event.endDate)]];
  for (let at = next.next(); at && found.length < MOST; at = next.next()) {
    const one = event.getOccurrenceDetails(at);
    found.push([utc(one.startDate), utc(one.endDate)]);
  }
  return found;
}

function eventsOf(text) {
  const calendar = new ICAL.Component(ICAL.parse(text));
  for (const zone of calendar.getAllSubcomponents("vtimezone")) ICAL.TimezoneService.register(zone);
  const all = calendar.getAllSubcomponents("vevent");
  const masters = all.filter((event) => !event.hasProperty("recurrence-id"));
  return masters.map((master) => {
    const uid = value(master, "uid");
    const others = all.filter((event) => event !== master && value(event, "uid") === uid);
    return {
      uid,
      title: value(master, "summary"),
      place: value(master, "location"),
      description: value(master, "description"),
      status: value(master, "status"),
      sequence: Number(value(master, "sequence")),
      alarms: master.getAllSubcomponents("valarm").length,
      times: timesOf(master, others),
    };
  });
}

const given = JSON.parse(readFileSync(0, "utf-8"));
process.stdout.write(JSON.stringify(Object.fromEntries(given.map(({ name, text }) => [name, eventsOf(text)]))));
