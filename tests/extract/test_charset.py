"""Encodings by evidence: pages in fifteen and more of them, labelled rightly, wrongly, twice and not at all."""

import time

import pytest

from crawler.extract import extract
from crawler.extract.charset import decode

# A sentence of each language in the encodings that its older pages use.
SENTENCES = {
    "ru": (
        "Паромное сообщение между портом и северными островами возобновилось в понедельник после одиннадцати дней.",
        (
            "cp1251",
            "koi8-r",
            "iso8859-5",
            "cp866",
        ),
    ),
    "uk": (
        "Поромне сполучення між портом і північними островами відновилося в понеділок після одинадцяти днів, її ждали.",
        (
            "cp1251",
            "koi8-u",
        ),
    ),
    "bg": (
        "Фериботът между пристанището и северните острови тръгна отново в понеделник след единадесет дни.",
        ("cp1251",),
    ),
    "ar": (
        "استؤنفت رحلات العبارة بين الميناء والجزر الشمالية يوم الاثنين بعد انقطاع دام أحد عشر يوما.",
        (
            "cp1256",
            "iso8859-6",
        ),
    ),
    "fa": (
        "سفرهای کشتی میان بندر و جزیره‌های شمالی پس از یازده روز وقفه روز دوشنبه از سر گرفته شد.",
        ("cp1256",),
    ),
    "zh": (
        "港口与北部岛屿之间的渡轮在中断十一天之后，于星期一重新开航，港务局长对记者说。",
        (
            "gb18030",
            "gb2312",
        ),
    ),
    "zh-tw": (
        "港口與北部島嶼之間的渡輪在中斷十一天之後，於星期一重新開航，港務局長對記者說。",
        ("big5",),
    ),
    "ja": (
        "港と北の島々を結ぶフェリーは、十一日間の運休の後、月曜日に運航を再開したと港長が述べた。",
        (
            "shift_jis",
            "euc_jp",
            "iso2022_jp",
        ),
    ),
    "ko": (
        "항구와 북쪽 섬들을 잇는 여객선이 열하루 만인 월요일에 운항을 다시 시작했다고 항만장이 말했다.",
        (
            "euc_kr",
            "cp949",
        ),
    ),
    "tr": (
        "Liman ile kuzeydeki adalar arasındaki feribot seferleri on bir gün aradan sonra pazartesi yeniden başladı.",
        (
            "cp1254",
            "iso8859-9",
        ),
    ),
    "pl": (
        "Prom między portem a północnymi wyspami wznowił kursowanie w poniedziałek, po jedenastu dniach, gdyż ucichło.",
        (
            "iso8859-2",
            "cp1250",
        ),
    ),
    "cs": (
        "Přívoz mezi přístavem a severními ostrovy obnovil v pondělí provoz, řekl šéf přístavu; ještě včera stál.",
        (
            "cp1250",
            "iso8859-2",
        ),
    ),
    "hu": (
        "A kikötő és az északi szigetek között tizenegy nap után, hétfőn újra közlekedik a komp, közölte az őrség.",
        (
            "iso8859-2",
            "cp1250",
        ),
    ),
    "el": (
        "Το πλοίο μεταξύ του λιμανιού και των βόρειων νησιών ξεκίνησε πάλι τη Δευτέρα ύστερα από έντεκα ημέρες.",
        (
            "cp1253",
            "iso8859-7",
        ),
    ),
    "he": (
        "המעבורת בין הנמל לאיים הצפוניים חזרה לפעול ביום שני לאחר הפסקה של אחד עשר ימים.",
        (
            "cp1255",
            "iso8859-8",
        ),
    ),
    "th": (
        "เรือข้ามฟากระหว่างท่าเรือกับหมู่เกาะทางเหนือกลับมาให้บริการอีกครั้งในวันจันทร์",
        (
            "tis-620",
            "cp874",
        ),
    ),
    "de": (
        "Die Fähre zwischen dem Hafen und den nördlichen Inseln fährt seit Montag wieder, sagte der Lotse „müde“.",
        ("cp1252",),
    ),
    "fr": (
        "Le bac entre le port et les îles du nord a repris lundi son service après onze jours, a déclaré l’autorité.",
        ("cp1252",),
    ),
    "lv": (
        "Prāmis starp ostu un ziemeļu salām pirmdien atsāka kursēt pēc vienpadsmit dienu pārtraukuma, teica šefs.",
        ("cp1257",),
    ),
}
CASES = [(language, encoding) for language, (_, encodings) in SENTENCES.items() for encoding in encodings]
ENGLISH = b"<li><a href='/world'>World</a></li><li><a href='/sport'>Sport and weather of the coast</a></li>"
CHROME = [b"", ENGLISH * 3, ENGLISH * 60]
WRONG = ["utf-8", "iso-8859-1", "windows-1251", "shift_jis"]


def page(sentence: bytes, meta: str | None, chrome: bytes) -> bytes:
    label = f'<meta charset="{meta}">'.encode() if meta else b""
    return b"".join(
        (
            b"<!DOCTYPE html><html><head>", label, b"<title>Ferry</title></head>", b"<body><ul>", chrome, b"</ul>",
            b"<h1>Ferry</h1><article><p>", sentence * 4, b"</p><p>", sentence, b"</p></article></body></html>",
        )
    )  # fmt: skip


@pytest.mark.parametrize(("language", "encoding"), CASES)
@pytest.mark.parametrize("labels", ["none", "right", "header", "meta", "both"])
@pytest.mark.parametrize("chrome", range(3))
def test_the_sentence_comes_out_whatever_the_labels_say(language: str, encoding: str, labels: str, chrome: int) -> None:
    sentence = SENTENCES[language][0].replace("\u200c", "" if encoding != "cp1256" else "\u200c")
    encoded = sentence.encode(encoding, "strict" if encoding not in {"iso8859-6", "cp1256"} else "replace")
    for wrong in WRONG if labels in {"header", "meta", "both"} else [encoding if labels == "right" else None]:
        meta = wrong if labels in {"right", "meta", "both"} else None
        header = f"text/html; charset={wrong}" if wrong and labels != "meta" else "text/html"
        text, used = decode(page(encoded, meta, CHROME[chrome]), header)
        assert encoded.decode(encoding) in text, f"labelled {wrong}, read as {used}"
        assert "\ufffd" not in text


@pytest.mark.parametrize(("language", "encoding"), CASES)
def test_the_article_comes_out(language: str, encoding: str) -> None:
    encoded = SENTENCES[language][0].encode(encoding, "replace")
    article = extract(page(encoded, "iso-8859-1", ENGLISH), "https://news.example.org/1", content_type="text/html")
    assert encoded.decode(encoding) in article.text
    assert "\ufffd" not in article.text


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig", "utf-32"])
@pytest.mark.parametrize("language", ["ru", "zh", "de"])
def test_wide_encodings_with_and_without_a_mark(language: str, encoding: str) -> None:
    sentence = SENTENCES[language][0]
    html = page(sentence.encode(), "iso-8859-1", ENGLISH).decode().encode(encoding)
    assert sentence in decode(html, "text/html; charset=windows-1251")[0]


def test_zeros_strewn_over_a_page_are_no_wide_encoding() -> None:
    html = page(SENTENCES["ru"][0].encode(), None, ENGLISH).replace(b">", b">\x00")
    assert decode(html)[1] == "utf-8"


@pytest.mark.parametrize("broken", [b"\xd0", b"\xff", b"\x80\x80", b"\xe2\x80"])
def test_a_few_broken_bytes_cost_no_other_letter(broken: bytes) -> None:
    sentence = SENTENCES["ru"][0]
    html = f"<p>{sentence}</p><p>{sentence[:40]}".encode() + broken + f"{sentence[40:]}</p><p>{sentence}".encode()
    text, encoding = decode(html, "text/html; charset=windows-1251")
    assert encoding == "utf-8"
    assert text.count(sentence) == 2
    assert sentence[:40] in text
    assert sentence[40:] in text


@pytest.mark.parametrize("cut", [1, 2, 3])
def test_a_page_cut_in_a_character_keeps_the_rest(cut: int) -> None:
    html = f"<p>{SENTENCES['zh'][0]}".encode()[:-cut]
    text, encoding = decode(html)
    assert encoding == "utf-8"
    assert text.rstrip("\ufffd") == f"<p>{SENTENCES['zh'][0][:-1]}"


def test_a_box_in_another_encoding_is_read_apart() -> None:
    story, box = SENTENCES["ru"][0], SENTENCES["uk"][0]
    html = f"<p>{story}</p><p>{story}</p>".encode() + b"<aside>" + box.encode("cp1251") + b"</aside>"
    text, encoding = decode(html)
    assert encoding == "utf-8"
    assert story in text
    assert box in text


def test_word_processors_quotation_marks_in_a_utf8_page() -> None:
    html = "<p>Où était passé le bac, cet été-là ?</p>".encode() + b"<p>The pilot\x92s \x93ferry\x94 \x96 at last</p>"
    assert decode(html)[0] == "<p>Où était passé le bac, cet été-là ?</p><p>The pilot’s “ferry” – at last</p>"


def test_one_accent_is_enough_where_nothing_speaks_against_it() -> None:
    assert decode(b"<p>caf\xe9</p>") == ("<p>café</p>", "cp1252")


@pytest.mark.parametrize("label", ["utf-7", "hex", "punycode", "unicode_escape", "idna", "rot13", "undefined"])
def test_labels_of_what_is_no_page_encoding_are_not_believed(label: str) -> None:
    text, encoding = decode(b"<meta charset=%s><p>caf\xe9 \\u0041" % label.encode(), f"text/html; charset={label}")
    assert text.endswith("café \\u0041")
    assert encoding == "cp1252"


@pytest.mark.parametrize(
    "html",
    [
        b"a" * 8_000_000 + b"\xff",
        b"\xff\x80" * 4_000_000,
        "<p>é</p>".encode() * 400_000 + b"<p>\xe9</p>" * 400_000,
        ("é".encode() * 10 + b"\xe9<") * 300_000,
        b"\x1b$B" + b'$"' * 4_000_000,
        b"charset=" * 1_000_000 + b"\xff",
        b"\xd0" * 8_000_000,
        b"<\x00" * 4_000_000,
    ],
    ids=range(8),
)
def test_decoding_takes_linear_time(html: bytes) -> None:
    begun = time.process_time()
    decode(html)
    assert time.process_time() - begun < 2
