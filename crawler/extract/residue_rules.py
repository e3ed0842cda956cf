"""Lines of chrome that survive as text, by role, in the languages of the press we read. Data: a pattern and example lines.

A pattern must match the whole line, after white space, digits and direction marks are made plain; case is ignored. Every
quantifier is bounded or over single characters, so matching is linear. `Where` says how much the position has to say:
`ANYWHERE` rules are certain wherever the line stands, `EDGE` rules hold only before the first or after the last sentence
of the body. What a line tells (a title, tags, a name) is in the group `value`.
"""

import re
from dataclasses import dataclass, field
from enum import Enum, auto


class Role(Enum):
    """What a line is doing on the page."""

    CHROME = auto()  # navigation, bars, buttons: nothing in it to keep
    CLOCK = auto()  # the site's clock, never the time of publication
    SHARE = auto()
    SHORT_URL = auto()  # stands under the headline on Sputnik and RT
    PROMO = auto()  # one related story inside the text; value: its title, or on the next line
    RELATED = auto()  # heads a list of related stories
    TAGS = auto()  # heads or holds tags
    TOPIC = auto()  # heads one topic name
    SECTION = auto()  # names the section; value
    CREDIT = auto()  # a picture's credit; value
    CAPTION = auto()  # a picture's caption; value, and perhaps credit
    BYLINE = auto()
    COMMENTS = auto()  # the readers' comments start
    FOOTER = auto()
    PUBLISHED = auto()  # set by shape, see `residue`
    MODIFIED = auto()
    HEADLINE = auto()  # the headline again, with the site's name
    DATELINE = auto()
    SIGN_OFF = auto()
    WIRE = auto()
    STAMP = auto()  # a related story's time; its title follows
    DUMP = auto()


class Where(Enum):
    """Where on the page a rule may be believed."""

    ANYWHERE = auto()
    EDGE = auto()


@dataclass(frozen=True)
class Rule:
    """One kind of chrome line. `examples` are lines that it must match; tests hold it to them."""

    name: str
    role: Role
    pattern: str
    examples: tuple[str, ...]
    where: Where = Where.ANYWHERE
    compiled: re.Pattern[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "compiled", re.compile(self.pattern, re.IGNORECASE))


_ANY, _EDGE = Where.ANYWHERE, Where.EDGE
_PHOTO = r"(?:photos?|images?|pictures?|foto[ğg]?r?a?f?ı?|handout|file|archive|pool|via [^()]{1,30})"
_AGENCY = (
    r"(?:AP|AFP|AA|EPA|DHA|[İI]HA|DPA|REUTERS|Reuters|Sabah|Anadolu(?: Agency| Ajansı)?|Getty(?: Images)?|Xinhua|TASS|Sputnik"
    r"|SANA|RIA Novosti|Associated Press|Ruptly|Twitter|YouTube|Facebook|Flickr|Wikipedia|ANHA|Ukrinform)"
)
_PHOTO_CREDIT = rf"(?:{_AGENCY}(?:[ /,-]{{1,3}}{_PHOTO}){{1,2}}(?:\s?(?:/|by|-)\s?[^()]{{2,50}})?)"

RULES: tuple[Rule, ...] = (
    # --- clocks and navigation in the page's head
    Rule(
        "clock",
        Role.CLOCK,
        # crawl time and date glued, perhaps to the login links
        r"(?:(?:log ?in|register|log ?out|sign ?in|sign ?up|\s){0,8})\d{1,2}:\d{2}(?::\d{2})? ?(?:GMT|UTC|MSK) ?(?:[+-]\d)??"
        r",? ?\d{1,2} [^\W\d_]{3,12}(?: ?/ ?[^\W\d_]{3,12}(?: [^\W\d_]{3,12})?)?,? \d{4}",
        ("07:15 GMT +303 May 2018", "12:45 GMT05 March 2018", "Log inRegisterLog out11:39 GMT29 April 2020"),
    ),
    Rule(
        "clock-rt",
        Role.CLOCK,
        r"\d{1,2}:\d{2} ?(?:GMT|UTC|MSK),? [^\W\d_]{3,9} \d{1,2}, \d{4}",
        ("12:03 GMT, Nov 20, 2019",),
    ),
    Rule(
        "site-clock",
        Role.CLOCK,
        r"(?:last updated?|[آأا]خر تحديث|son güncelleme|последнее обновление)\s?:?\s?(?:GMT|UTC|غرينتش)?\s?\d{1,2}:\d{2}(?::\d{2})?"
        r"\s?(?:GMT|UTC)?",
        ("Last Updated : GMT 06:49:16", "آخر تحديث GMT03:29:53"),
    ),
    Rule(
        "live",
        Role.CHROME,
        r"(?:listen live|watch live|on[ -]air|live stream|بث مباشر|استمع مباشرة?)",
        ("Listen Live", "بث مباشر"),
    ),
    Rule(
        "login",
        Role.CHROME,
        r"(?:log ?in|log ?out|sign ?in|sign ?up|register|تسجيل الدخول|تسجيل الخروج|تسجيل|войти|регистрация|\s|/|\|){1,9}",
        ("Log inRegisterLog out", "Register"),
        _EDGE,
    ),
    Rule(
        "navigation",
        Role.CHROME,
        r"(?:home|menu|search|live|video|videos|news|photo|photos|radio|opinion|skip to (?:main )?content|all editions|mobile apps?"
        r"|where to watch(?: schedule)?|schedule|الرئيسية|بحث|القائمة|فيديو|صور|главная|поиск|меню|видео|anasayfa|ana sayfa|ara)",
        ("Search", "Where to watch Schedule", "الرئيسية"),
        _EDGE,
    ),
    Rule("hour-grid", Role.CHROME, r"\d{1,2}:\d{2}(?: GMT)?", ("07:00", "13:30 GMT"), _EDGE),
    Rule("air-time", Role.CHROME, r"\d{1,3} (?:min|мин|د|دقيقة)\.?", ("30 min", "47 د"), _EDGE),
    Rule("yesterday-today", Role.CHROME, r"(?:yesterday ?today|أمس ?اليوم|вчера ?сегодня)", ("أمساليوم",)),
    Rule(
        "breaking",
        Role.CHROME,
        r"(?:أخر الأخبار|آخر الأخبار|اخر الاخبار|latest news|breaking news|عاجل)\s?:?",
        ("أخر الأخبار",),
        _EDGE,
    ),
    Rule(
        "breadcrumb",
        Role.CHROME,
        r"(?:home|الرئيسية|главная|anasayfa)\s{0,2}(?:[/>»|›]\s{0,2}[^/>»|›.]{2,30}){1,4}",
        ("Home / World News",),
        _EDGE,
    ),
    # --- bars under the headline
    Rule(
        "short-url",
        Role.SHORT_URL,
        r"(?:get short url|copy link|short link|انسخ الرابط|رابط قصير|короткая ссылка|получить короткую ссылку|kısa url)",
        ("Get short URL", "انسخ الرابط"),
    ),
    Rule(
        "follow",
        Role.SHARE,
        r"(?:follow (?:us|rt|sputnik|daily sabah|al-?alam) on\b.{0,60}|تابعنا (?:عبر|على).{0,60}|подпис(?:ывайтесь|аться) на нас.{0,60}|bizi takip edin.{0,40})",
        ("Follow RT on", "تابعنا عبر"),
    ),
    Rule(
        "share-call",
        Role.SHARE,
        r"(?:(?:like|enjoyed) this (?:story|article)\?|think your friends would be interested\?|if you (?:like|enjoyed) this (?:story|article),?) ?share (?:it|this).{0,60}",
        ("Like this story? Share it with a friend!", "Think your friends would be interested? Share this story!"),
    ),
    Rule(
        "share-head",
        Role.SHARE,
        r"(?:share(?: this)?(?: (?:story|article|page|post))?|shares?|شارك(?:ها|ه)?|مشاركة|поделиться|paylaş)\s?:?",
        ("Share:", "مشاركة"),
        _EDGE,
    ),
    Rule(
        "print",
        Role.SHARE,
        r"(?:print|e-?mail|send to a friend|طباعة|ارسل لصديق|распечатать|yazdır|a ?[+-] ?a ?[+-]|\d{1,6} shares?)",
        ("Print", "A+ A-", "12 Shares"),
        _EDGE,
    ),
    Rule("counter", Role.CHROME, r"\d{1,7}(?: \d{1,7}){0,4}", ("0 4270", "3 118 0"), _EDGE),
    Rule(
        "views",
        Role.CHROME,
        r"(?:views?|visits?|hits|مشاهدات?|عدد المشاهدات|просмотр(?:ов|ы)?|okunma)\s?:?\s?\d{1,9}|\d{1,9} (?:views?|visits?|مشاهدة|просмотр(?:ов|а)?)",
        ("Views: 1024", "350 مشاهدة"),
    ),
    Rule(
        "subscribe",
        Role.CHROME,
        r"(?:subscribe(?: now)?|subscribe to (?:rt|our|the|daily sabah).{0,120}|sign up (?:to|for) (?:our|the) newsletter.{0,60}|اشترك(?: الآن| في .{0,40})?|подписаться(?: на .{0,60})?|abone ol)",
        ("Subscribe", "Subscribe to RT newsletter to get stories the mainstream media won’t tell you."),
    ),
    Rule("mediabank", Role.CHROME, r"go to the (?:media|photo) ?bank", ("Go to the mediabank",)),
    Rule(
        "being-updated",
        Role.CHROME,
        r"(?:being updated|table of contents|new first ?old first|old first|new first|заголовок открываемого материала)",
        ("Being updated", "New firstOld first"),
    ),
    Rule(
        "participate",
        Role.COMMENTS,
        r"to participate in the discussion.{0,60}|log in or register",
        ("To participate in the discussion",),
    ),
    Rule("category", Role.SECTION, r"تصنيف\s?:\s?-?\s?(?P<value>.{0,60})", ("تصنيف : سوريا", "تصنيف :")),
    # --- stories elsewhere
    Rule(
        "read-more",
        Role.PROMO,
        r"(?:read (?:also|more|this too|next)|see also|watch (?:more|also)|more on this|also read|don[’']t miss|اقر[أا] (?:أيضا|أيضاً|ايضا|المزيد)|إقرأ (?:أيضا|أيضاً|المزيد)|للمزيد|شاهد أيضا(?:ً)?|читайте также|читать далее|смотрите также|по теме|ayrıca bakınız|ayrıca oku(?:yun)?|ilgili haber)\s?[:：]\s?(?P<value>.{0,250})",
        (
            "READ MORE: Ferry resumes runs to Port Marlow (VIDEO)",
            "اقرأ أيضا: عودة العبارة إلى الميناء",
            "Читайте также: Паром вернулся",
        ),
    ),
    Rule(
        "also-on",
        Role.PROMO,
        r"also on (?:rt\.com|rt)\s?:?\s?(?P<value>.{0,250})",
        ("Also on rt.com Ferry resumes runs to Port Marlow", "Also on rt.com"),
    ),
    Rule(
        "related",
        Role.RELATED,
        r"(?:related(?: (?:news|stories|articles|topics|links|content))?|more (?:stories|news)|you may also like|read also|see also|recommended|most read|top stories|latest|انظر أيضا|انظر أيضاً|قد يهمك [أا]يضا(?:ً)?|مواضيع ذات صلة|أخبار ذات صلة|اخبار ذات صلة|مقالات ذات صلة|اقر[أا] أيضا(?:ً)?|по теме|похожие новости|ilgili haberler)\s?:",
        ("Related:", "انظر أيضا:", "قد يهمك أيضا:"),
    ),
    Rule(
        "related-bare",
        Role.RELATED,
        r"(?:related (?:news|stories|articles|links|content)|related|you may also like|most read|مواضيع ذات صلة|أخبار ذات صلة|اخبار ذات صلة|انظر أيضا|قد يهمك أيضا(?:ً)?|читайте также|ilgili haberler)",
        ("Related News", "أخبار ذات صلة"),
        _EDGE,
    ),
    Rule(
        "topic",
        Role.TOPIC,
        r"(?:topic|الموضوع|тема)\s?:\s?(?P<value>.{0,120})",
        ("Topic:", "Topic: Lorn Strait Dispute (84)", "الموضوع:"),
    ),
    Rule(
        "tags",
        Role.TAGS,
        r"(?:tags?|keywords?|key words|trends|الكلمات (?:الدلالية|المفتاحية)|وسوم|كلمات دلالية|теги|ключевые слова|etiketler)\s?:\s?(?P<value>.{0,400})",
        ("Tags:", "Trends:Lorn Strait news", "الكلمات الدلالية: أخبار الميناء, العبارة"),
    ),
    # --- pictures
    Rule(
        "left-over-tag",
        Role.CREDIT,
        r"(?P<tag>em|i|b|strong|span|p)(?P<value>[^\W\d_].{1,200})/(?P=tag)",
        ("emAA Photo/em", "strongFile photo by DHA/strong"),
    ),
    Rule(
        "photo-agency",
        Role.CREDIT,
        rf"\(?(?P<value>{_PHOTO_CREDIT})\)?\.?",
        ("AP Photo", "(Reuters Photo)", "AFP PHOTO / J. Doe", "AA Photo"),
    ),
    Rule(
        "photo-by",
        Role.CREDIT,
        r"\(?(?:photo(?:s|graph)?|image|picture|foto[ğg]raf|foto|фото|الصورة|صورة)(?: ?(?:credit|source|by|courtesy(?: of)?))?\s?[:：/]\s?(?P<value>[^.]{2,80})\)?",
        ("Photo: AA", "Фото: ТАСС", "(Photo credit: J. Doe)"),
    ),
    Rule(
        "file-photo",
        Role.CREDIT,
        r"[(\[]?(?P<value>file photo|archive photo|stock photo|صورة أرشيفية|صورة ارشيفية|архивное фото|arşiv)[)\]]?\.?",
        ("FILE PHOTO", "(صورة أرشيفية)"),
        _EDGE,
    ),
    Rule(
        "copyright-sign",
        Role.CREDIT,
        r"©\s?(?P<value>(?!.{0,80}(?:all rights|rights reserved|جميع الحقوق|حقوق))[^©]{2,140})",
        ("© AFP 2017 / Jane Doe", "© Sputnik / Ivan Petrov", "© Flickr/ J. Doe"),
    ),
    Rule(
        "caption-credit",
        Role.CAPTION,
        r"(?P<value>[^©]{8,400}?)\s?©\s?(?P<credit>[^©]{2,120})",
        ("A ferry leaves Port Marlow © Reuters / Jane Doe",),
    ),
    Rule(
        "caption-photo",
        Role.CAPTION,
        rf"(?P<value>.{{8,400}}?)\s?\((?P<credit>{_PHOTO_CREDIT}|(?:file|archive) (?:photo|picture))\)\.?",
        ("Soldiers stand on the quay at Port Marlow (AA Photo)",),
    ),
    Rule(
        "caption-sized",
        Role.CAPTION,
        r"(?P<value>.{2,400}?)\s?-\s(?:Sputnik [^\W\d_]{2,20}|سبوتنيك [^\W\d_]{2,12}|РИА Новости)(?: [^\W\d_]{2,20})?,?\s?\d{3,4},\s?\d{2}\.\d{2}\.\d{4}",
        ("A ferry at Port Marlow - Sputnik International, 1920, 03.05.2021",),
    ),
    Rule(
        "caption-file",
        Role.CAPTION,
        r"(?P<value>(?:file (?:photo|picture|image)|\[?file\]?|archive photo)\s?[:：-]\s?.{8,400}|\[file\] .{8,400})",
        ("FILE PHOTO: A ferry at Port Marlow",),
    ),
    # --- people and agencies
    Rule(
        "byline",
        Role.BYLINE,
        r"(?:by|от|автор|بقلم|كتب(?:ت)?|written by|yazan)\s?:?\s(?P<value>[^\W\d_][^.:;!?\d]{2,50})",
        ("By Jane Doe", "بقلم: سلمى الحداد"),
        _EDGE,
    ),
    Rule(
        "byline-with", Role.BYLINE, r"(?P<value>daily sabah(?: with [\w, ]{2,40})?)", ("DAILY SABAH WITH AFP",), _EDGE
    ),
    # --- after the text
    Rule(
        "comments",
        Role.COMMENTS,
        r"(?:community standards ?(?:discussion)?|comment via (?:facebook|sputnik)(?: ?comment via (?:facebook|sputnik))?|all comments|show new comments.{0,12}|in reply to.{0,40}|send your comments?|your comment as a visitor|معايير المجتمع ?(?:نقاش)?|التعليق بواسطة .{0,40}|كل التعليقات|(?:leave|post|write|add) (?:a |your )?(?:comment|reply)|أرسل تعليقك|ارسل تعليقك|أضف تعليق(?:ا|ك|ًا)?|تعليقك كزائر|оставить комментарий|yorum yaz)\s?:?",
        (
            "Community standardsDiscussion",
            "Comment via FacebookComment via Sputnik",
            "معايير المجتمع",
            "Send your comments",
        ),
    ),
    Rule(
        "comments-bare",
        Role.COMMENTS,
        r"(?:comments?|discussion|نقاش|التعليقات|تعليقات|комментарии|yorumlar)\s?(?:\(?\d{0,5}\)?)\s?:?",
        ("Comments (3)", "نقاش"),
        _EDGE,
    ),
    Rule(
        "comment-form",
        Role.COMMENTS,
        r"(?:name|e-?mail|comment title|comment|title|الاسم|البريد الالكتروني|البريد الإلكتروني|عنوان التعليق|التعليق)\s?\*|:? ?characters left|mandatory ?\*|publishing terms:.{0,300}|شروط النشر.{0,300}|:? ?الحروف المتبقية",
        ("Name *", "Comment Title*", ": Characters Left", "Mandatory *"),
    ),
    Rule(
        "terms",
        Role.FOOTER,
        r"(?:terms of (?:use|service)|privacy policy|cookie policy|contact us|about us|advertise(?: with us)?|شروط الاستخدام|سياسة الخصوصية|اتصل بنا|من نحن|rss|sitemap)",
        ("Terms of use", "Privacy Policy"),
        _EDGE,
    ),
    Rule(
        "rights",
        Role.FOOTER,
        r".{0,120}\b(?:all rights reserved|rights reserved)\b.{0,120}|.{0,80}جميع الحقوق محفوظة.{0,120}|.{0,80}все права защищены.{0,120}|.{0,80}(?:tüm|her) hakk[ıi] saklıdır.{0,80}",
        (
            "All rights reserved to Arab Today Media Group 2021 ©",
            "© 2018 Marlow Post. All rights reserved.",
            "جميع الحقوق محفوظة لمجموعة العرب اليوم الاعلامية 2021 ©",
        ),
        _EDGE,
    ),
    Rule(
        "rights-sure",
        Role.FOOTER,
        r"(?:all rights reserved|جميع الحقوق محفوظة|все права защищены).{0,120}|.{0,80}(?:©|\(c\)|copyright).{0,80}all rights reserved.{0,60}",
        ("All rights reserved to Arab Today Media Group 2021 ©",),
    ),
    Rule(
        "copyright",
        Role.FOOTER,
        r"(?:copyright|حقوق (?:النشر|الطبع))\s?(?:©|\(c\)|محفوظة)?\s?.{0,120}\d{4}.{0,60}",
        ("Copyright © 2019 Marlow Post",),
        _EDGE,
    ),
    Rule(
        "maintained",
        Role.FOOTER,
        r"(?:maintained and developed by|developed by|powered by|designed by|تصميم وتطوير|تطوير وصيانة|برمجة وتصميم).{0,80}",
        ("Maintained and developed by Arabs Today Group SAL.",),
    ),
    Rule(
        "cookies",
        Role.FOOTER,
        r"(?:this website uses cookies|our website uses cookies|we use cookies|by (?:continuing|using) (?:to|our|this) .{0,60}cookies).{0,200}",
        ("This website uses cookies.",),
    ),
)

# Words that make up icon lists and share bars. A line that is nothing but these, glued or not, is chrome.
BAR_WORDS: tuple[str, ...] = (
    "share on", "share with", "share via", "share to", "share", "tweet", "facebook messenger", "facebook", "twitter",
    "google plus", "google+", "google", "whatsapp", "telegram", "viber", "vkontakte", "odnoklassniki", "linkedin",
    "pinterest", "reddit", "tumblr", "instagram", "youtube", "messenger", "livejournal", "flipboard", "skype", "line",
    "stumbleupon", "digg", "e-mail", "email", "print", "copy link", "bookmark", "vk", "ok", "icon", "chevron", "arrow",
    "close", "search", "menu", "play", "pause", "mute", "muted", "download", "upload", "camera", "check", "edit", "trash",
    "left", "right", "down", "up", "expand", "compress", "swipe", "step", "back", "forward", "full", "more", "and", "on",
    "فيسبوك", "فيس بوك", "تويتر", "واتساب", "واتس اب", "تلغرام", "تيليغرام", "مشاركة", "شارك", "على", "عبر", "طباعة",
    "انستغرام", "يوتيوب", "جوجل", "لينكد إن", "بلس",
    "фейсбук", "твиттер", "вконтакте", "одноклассники", "телеграм", "вотсап", "поделиться", "paylaş", "yazdır",
)  # fmt: skip

# Words of which a line may only consist to be one of the networks named above (a bar needs at least one of these).
BAR_ANCHORS: tuple[str, ...] = (
    "facebook", "twitter", "whatsapp", "telegram", "google", "linkedin", "vk", "chevron", "icon", "فيسبوك", "فيس بوك", "تويتر",
    "واتساب", "вконтакте", "фейсбук", "tweet", "reddit", "pinterest", "viber", "instagram",
)  # fmt: skip

# Labels of printed times; those of `MODIFIED_LABELS` say when the text was changed.
PUBLISHED_LABELS = r"published(?: time| on| at)?|posted(?: on)?|publication date|date|تاريخ النشر|نشر(?:ت)?(?: في| بتاريخ)?|опубликовано|yayın(?:lanma)?(?: tarihi)?|giriş(?: tarihi)?"
MODIFIED_LABELS = r"updated(?: at| on)?|last (?:updated?|modified)|edited(?: time)?|modified|محدثة|حدثت|تحديث|[آأا]خر تحديث|تم التحديث|обновлено|güncelle(?:me|nme)(?: tarihi)?|son güncelleme"

# Beginnings of chrome that sites glue to the line before ("… daring escapesMaintained and developed by …").
GLUED_HEADS: tuple[str, ...] = (
    "Maintained and developed by", "All rights reserved", "Comment via Facebook", "Comment via Sputnik", "Community standards",
    "Send your comments", "Also on rt.com", "READ MORE:", "Get short URL", "Like this story? Share it with a friend!",
    "جميع الحقوق محفوظة", "Updated ", "Edited time",
)  # fmt: skip
