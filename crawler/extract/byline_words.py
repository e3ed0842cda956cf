"""The words of bylines, by language. Facts without judgement; `crawler.extract.byline` holds the grammar.

Each constant is an alternation for a regular expression, longer words before the shorter ones that begin them.
"""

# Words before a name, parted from it by a space: "By Ann Lee", "Von Ann Lee", "بقلم سارة".
BY = "|".join(
    (
        "by", "von", "vun", "par", "por", "per", "door", "deur", "af", "av", "eftir", "przez", "oleh", "nga",
        "yazan", "piše", "pišu", "írta", "a cura di", "napsala?", "napísala?", "från", "автор текста", "пише",
        "пишет", "γράφει (?:ο|η)", "γράφουν οι", "του", "της", "بقلم", "كتبت?", "كتبه", "إعداد", "به قلم",
        "نوشته", "تحریر", "מאת", "द्वारा", "โดย", "เขียนโดย",
    )
)  # fmt: skip
# Words of a Romance language that begin surnames too: "Di Mario Rossi" names Mario Rossi, "Di Maio" is a name.
BY_OR_PARTICLE = "de|di|da|do"
# What may stand before a by-word: "Written by", "Eine Analyse von", "Eingestellt von", "Story by".
BEGINNINGS = "|".join(
    (
        "written", "reported", "story", "text", "words", "analysis", "opinion", "commentary", "review",
        "posted", "published", "submitted", "author", "article", "reporting", "additional reporting",
        "reporting and writing", "writing", "created",
        "(?:ein|eine|der|die)?\\s?(?:analyse|kommentar|gastbeitrag|kolumne|bericht|reportage|interview|essay|glosse)",
        "eingestellt", "veröffentlicht", "erstellt", "geschrieben", "verfasst", "beitrag", "artikel",
        "aufgezeichnet", "écrit", "publié", "propos recueillis", "rédigé", "escrito", "publicado", "texto",
        "scritto", "pubblicato", "geschreven", "skrevet", "publiceret", "publisert", "skriven", "napisane",
        "opublikowane", "ditulis", "texte", ",",
    )
)  # fmt: skip
# Labels, parted from the name by a colon: "Autor: Jan Novák", "Текст: Анна Ли", "作者：王小明".
LABELS = "|".join(
    (
        "author(?:s|\\(s\\))?", "autor(?:a|es|as|i|en|in|innen|in/autor)?", "auteurs?", "autrice", "autore",
        "autorka", "autorzy", "autors", "autorius", "författare", "forfatter", "kirjoittaja", "szerző", "yazar",
        "yazan", "haber", "müəllif", "muallif", "penulis", "tác giả", "written by", "reported by",
        "reporting by", "reporter", "story by", "text", "texto", "texte", "testo", "tekst", "tekst i zdjęcia",
        "words", "írta", "piše", "von", "by", "par", "por", "автор(?:ы|и|ка)?", "автор статьи",
        "автор материала", "аўтар", "текст", "матеріал", "συντάκτης", "συντάκτρια", "επιμέλεια", "κείμενο",
        "ავტორი", "հեղինակ", "الكاتب", "كتابة", "تقرير", "إعداد", "بقلم", "كتب", "نویسنده", "نويسنده", "گزارش",
        "خبرنگار", "تحریر", "מאת", "כתב", "लेखक", "লেখক", "ผู้เขียน", "เรื่อง", "作者", "撰文", "撰稿", "文", "采写",
        "採訪", "文字", "執筆", "글",
    )
)  # fmt: skip
# Labels that stand without a colon too.
BARE_LABELS = "author|autorin|autor|auteure?|autore|автор(?:ы|и)?|автор статьи"
# "記者" and its like stand before a name, behind it, or alone; scripts without spaces join them to it.
WORKERS = "本报记者|本報記者|新华社记者|特约记者|实习记者|通讯员|記者|记者|기자|특파원|객원기자|인턴기자"
# What a person does: no name by itself and no part of one ("Jane Roe, Moscow correspondent").
OFFICES = "|".join(
    (
        "[a-z]*writers?", "[a-z]*reporters?", "[a-z]*correspondents?", "editors?(?:-at-large|-in-chief)?",
        "journalists?", "columnists?", "contributors?", "photographers?", "producers?", "analysts?", "chief",
        "senior", "freelance", "[a-z]*redakteur(?:in|s)?", "[a-z]*korrespondent(?:in)?", "reporterin",
        "volontär(?:in)?", "journalistin", "chefredakteur(?:in)?", "gastautor(?:in)?", "journaliste",
        "rédact(?:eur|rice)", "correspondante?", "envoyée? spéciale?", "redactora?", "corresponsal",
        "enviad[oa] especial", "periodista", "corrispondente", "inviat[oa]", "giornalista", "redaktør",
        "journalist", "redaktör", "dziennikar(?:z|ka)", "redaktor", "корреспондент", "собкор", "спецкор",
        "журналист(?:ка)?", "обозреватель", "редактор", "кореспондент(?:ка)?", "muhabir(?:i)?", "editörü?",
        "yazarı?", "مراسلة?", "صحفية?", "كاتبة?", "محررة?", "خبرنگار", "اعلامي",
    )
)  # fmt: skip
# A newsroom, or the part of one that signs in place of people: "Web Desk", "BR24 Redaktion", "Gear Team", "MND Staff".
TEAMS = "|".join(
    (
        "staff", "team", "webteam", "desk", "newsdesk", "webdesk", "newsroom", "news room", "bureau",
        "redaktion", "onlineredaktion", "newsteam", "redazione", "rédaction", "redacción", "redação",
        "redacció", "redactie", "redaktionen", "redakcja", "redakce", "redakcia", "redakcija", "szerkesztőség",
        "toimitus", "редакция", "редакція", "editorial board", "agencies", "agenturen", "agences", "agencias",
        "reporters?", "writers?", "correspondents?", "هيئة التحرير", "وكالات", "تحريرية", "ajans",
        "haber merkezi",
    )
)  # fmt: skip
# The parts that others had in a story, up to the next semicolon: "Editing by …", "Foto: …", "责任编辑：…".
OTHER_PARTS = "|".join(
    (
        "edited by", "editing by", "editors?\\s?:", "compiled by", "photos? by", "photos?\\s?:",
        "photographs?(?: by|:)", "pictures? by", "video by", "graphics? by", "translated by", "translation by",
        "produced by", "fact[- ]check", "fotos?\\s?:", "foto von", "bild(?:er)?\\s?:", "übersetz",
        "redaktion\\s?:", "illustration\\s?:", "mit material", "(?:crédit )?photos?\\s?:", "traduction",
        "traducción", "fotografía", "fotografie", "zdjęcia\\s?:", "oprac", "фото\\s?:", "редактор\\s?:",
        "перевод", "تصوير", "صورة", "تحرير\\s?:", "责任编辑",
        "见习编辑", "实习编辑", "по материалам", "責任編輯", "编辑", "編輯", "责编", "責編",
        "校对", "摄影", "攝影", "撮影", "사진", "편집",
    )
)  # fmt: skip
# Conjunctions between names. The short ones join names of two words or more only: "José Ortega y Gasset" is one man.
JOINED = "and|und|et|och|og|és|și|και|और|та|или|ja|dhe|σε συνεργασία με|with"
JOINED_SHORT = "y|e|i|a|en|ve|dan|и|і"
# Accounts of a content system, nobody's name.
SYSTEM_USERS = (
    "\\w{0,12}admin|administrator|root|super ?user|webmaster|wordpress|user|guest|test|demo|null|none|undefined|unknown"
    "|anonymous|anónimo|anonym|n/a|author|no author|byline|default|editor|cms"
)
# Parts of Chinese and Japanese names of houses and of offices: no person's name.
HAN_HOUSE = "新聞|新闻|[報报社網网局部]|通信|編集|编辑|記者|记者|取材|時報|时报"
# Words that begin a time behind a name: "Ann Lee Published 3 July", "Ann Lee Stand: 28. April".
TIMES = (
    "published|updated|posted|last updated|date|datum|stand|veröffentlicht|aktualisiert|publié|mis à jour|publicado"
    "|actualizado|pubblicato|aggiornato|gepubliceerd|publiceret|publisert|publicerad|min read"
)
# Words that no person's name has.
ORGANISATIONS = "|".join(
    (
        "staff", "editor", "correspondent", "reporters?", "newsroom", "desk", "agency", "agencies", "news",
        "press", "online", "team", "redaktion", "редакция", "presse-agentur", "nachrichtenagentur", "agentur",
        "service", "media", "international", "today", "times", "post", "daily", "network", "tv", "wires?",
        "gmbh", "ltd", "inc", "llc", "corp", "co\\.", "sp\\. z o", "e\\.v\\.", "interactive", "solutions",
        "systems", "web", "design", "digital", "department", "ministry", "university", "institute?",
        "foundation", "association", "committee", "council", "club", "group", "verlag", "verein", "fraktion",
        "partei", "stiftung", "bundesverband", "magazine?", "magazin", "radio", "zeitung", "herald", "tribune",
        "gazette", "courier", "journal", "copy", "link", "share", "posts?", "show",
    )
)  # fmt: skip
# The commonest Chinese surnames in both scripts: a name of two or three characters begins with one of them.
HAN_SURNAMES = frozenset(
    "王李张張刘劉陈陳杨楊黄黃赵趙吴吳周徐孙孫马馬朱胡郭何林罗羅高郑鄭梁谢謝宋唐许許韩韓冯馮邓鄧曹彭曾肖萧蕭田董袁潘于蒋蔣蔡余杜"
    "叶葉程苏蘇魏吕呂丁任沈姚卢盧姜崔钟鍾谭譚陆陸汪范金石廖贾賈夏韦韋付傅方白邹鄒孟熊秦邱江尹薛闫閻段雷侯龙龍史陶黎贺賀顾顧毛郝"
    "龚龔邵万萬钱錢严嚴覃武戴莫孔向汤湯温溫康施文牛樊葛邢安齐齊易乔喬伍庞龐颜顏倪庄莊聂聶章鲁魯岳翟殷詹申欧歐耿关關兰蘭焦俞左柳"
    "甘祝包宁寧尚符舒阮柯纪紀梅童凌毕畢单單季裴霍涂成苗谷盛曲翁冉骆駱蓝藍路游辛靳管柴蒙鲍鮑华華喻祁蒲房滕屈饶饒解牟艾尤穆卓古"
    "吉简簡车車项項连連麦麥褚娄婁窦竇戚岑景宫宮费費冷晏席卫衛米柏宗瞿桂全佟应應臧边邊卞姬师師仇荣榮桑郎甄丛叢仲虞巩明池查迟遲"
)
