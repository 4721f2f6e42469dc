"""What a text says: a table of what people write, in nine languages, and of what is left to a person."""

import pytest

from booking.messages import meaning, meaning_words

YES = """
YES|Yes|yes|y|Y.|Yes please!!|yes, please|  yes  |Yes 😊|👍|👍🏽|OK|ok 👍|Okay thanks|yess|Yesss|yse|eys|yep|Yeah|yeh|pleasee|plese|ok thank you x
Hi yes please|Yes we'll be there|I’ll be there|Yes I can|sure
Ie|ie plîs|Ydw|Iawn|Tak|TAK PROSZĘ|tak, dziękuję|oczywiście|Da|da, vă rog|Da mulțumesc|Sim|sim, por favor|SIM OBRIGADA
Так|так, дякую|ТАК|Да|হ্যাঁ|জি|জি হ্যাঁ|ঠিক আছে|ہاں|جی ہاں|جی|ٹھیک ہے|haan|نعم|نعم شكراً|أيوا|نَعَم
"""
NO = """
NO|No|no.|N|nope|Nope!|no thanks|no thank you|No, sorry|Sorry no|no sorry can't make it|Can't make it sorry|cant come|I can't come|We can’t make it today
Hi, no sorry, we can't come x|noooo|Noo|npoe|Not coming|unable to attend|No 😢|cannot come thanks
Na|Nage|dim diolch|alla i ddim|Nie|nie dziękuję|Nie mogę|niestety nie|NIE PRZYJDĘ|Nu|nu mulțumesc|Nu pot veni|nu mai venim
Não|NAO|não, obrigada|Não posso ir|Ні|ні, дякую|Не зможу|не прийдемо|на жаль, ні|না|জি না|আসতে পারব না|না, ধন্যবাদ
نہیں|جی نہیں|نہیں شکریہ|nahi|nahin|لا|لا شكرا|لا، شكراً|لا أستطيع الحضور|لن نحضر
"""
UNCLEAR = """
now|know|on|not|not sure|no idea|No idea what this is|yes but can I bring my sister|yes but late|yes no|no yes|maybe|nothing|none|note|nice|nine lives
not now|no way|is it still on|Is it still on?|yes?|no?|No worries if full|who is this|how|yet|year|years|hope|dope|nose|noon|noise|nod|nor|non stop
No he is ill but I come with Ada|can we come|will you come|can't wait|Can’t wait!|cancel it and book friday|stopped raining|no 👍|no problem 👎|🤷|👎|🎈||...|😢
no more texts about monday|yes 2 of us|yes 2|1 and 2|2 or 3|1 2|no 2 3|123|0|-|half past 2|2pm|2.30|1/2|at 2|2 children|we are 2|a number|number|nr
we will see|I can not say yet|no can do?|nie wiem|nu stiu|não sei|не знаю|জানি না|پتہ نہیں|لا أعرف|لا أدري|na ja|tak nie|so so|ok no|no ok|k no
can you ring me|please ring|help|HELP|sorry|hello|x|the second|on my way|come on|Noah|Yasmin|Tate
"""
NUMBERS = {
    1: "1|1.|one|One please|#1|no 1|No. 1|(1)|১|١|۱|jeden|un|এক|ایک|واحد|01|number one|the number 1|1️⃣",
    2: "2|2.|no 2|No.2|nr 2.|Nr 2|two|TWO|number 2|2 please|2 thanks|option 2|২|٢|۲|dau|dwa|doi|dois|два|দুই|دو|اثنان|номер 2|নম্বর ২|نمبر ۲|رقم ٢",
    3: "3|three|৩|٣|۳|trzy|tres|três|три|ثلاثة",
    9: "9|nine|dziewięć|дев’ять|নয়|تسعة",
    12: "12|no 12",
}  # fmt: skip
STOP = "STOP|stop.|Stop all|StopAll|unsubscribe|CANCEL|end|quit|opt out|Stop please|Стоп|zatrzymaj|parar|থামুন|روکیں|توقف|إيقاف"
START = "start|START.|unstop|Старт|শুরু"
THANKS = "thanks|Thank you|Thank you so much|ta|thx|Diolch|Dziękuję|mulțumesc|obrigada|дякую|ধন্যবাদ|شکریہ|شكراً|Great, thanks|See you then"


def each(*lines: str) -> list[str]:
    return [words for block in lines for line in block.strip("\n").splitlines() for words in line.split("|")]


@pytest.mark.parametrize(
    ("says", "texts"),
    [("yes", YES), ("no", NO), ("unclear", UNCLEAR), ("stop", STOP), ("start", START), ("thanks", THANKS)],
)
def test_a_text_says_what_it_says(says, texts):
    wrong = {body: meaning.read(body).says for body in each(texts) if meaning.read(body).says != says}
    assert not wrong


@pytest.mark.parametrize("number", NUMBERS)
def test_a_number_is_read_in_digits_of_every_script_and_in_words(number):
    wrong = {body: meaning.read(body) for body in each(NUMBERS[number])}
    assert {body: said for body, said in wrong.items() if said != meaning.Reading("number", number)} == {}


def test_a_long_text_is_for_a_person_whatever_it_begins_with():
    assert meaning.read("No " + "sorry " * 40).says == "unclear"
    assert meaning.read("Yes " * 40_000).says == "unclear"


def test_no_word_means_two_things():
    lists = {name: set(meaning._phrases(getattr(meaning_words, name))) for name in ("YES", "NO", "STOP", "START")}
    names = list(lists)
    both = {(a, b): lists[a] & lists[b] for n, a in enumerate(names) for b in names[n + 1 :] if lists[a] & lists[b]}
    assert both == {}
    assert not (lists["YES"] | lists["NO"]) & set(meaning._numbers())


def test_only_a_sure_no_gives_a_place_up():
    """Every word one letter away from a no, other than a doubled or swapped one, is for a person."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    for word in ("no", "nope", "nie"):
        for n in range(len(word)):
            for letter in letters:
                other = word[:n] + letter + word[n + 1 :]
                if other != word and other not in meaning._known():
                    assert meaning.read(other).says != "no", other
