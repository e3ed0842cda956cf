"""The words around an agency's name that make it a credit, by what they do and by language. Facts, in patterns."""

# "source: Xinhua" · "المصدر: رويترز" · "Источник: ТАСС" · "来源：新华社"
SOURCE = (
    r"sources?|via|quelle|fuente|fonte|bron|källa|kilde|lähde|źródło|zdroj|izvor|forrás|sursa|kaynak|mənbə|manba|sumber"
    r"|المصدر|مصدر|منبع|ماخذ|ذرائع|источник|джерело|крыніца|извор|източник|дереккөз|πηγή|מקור|स्रोत|সূত্র|წყარო|աղբյուր"
    r"|来源|來源|出典|출처"
)

# "(With inputs from PTI)" · "avec AFP" · "mit Material von dpa" · "по материалам ТАСС"
WITH = (
    r"with (?:(?:additional )?(?:inputs?|reporting|material|files|contributions?|agency inputs) (?:from|by|of) )?"
    r"|(?:additional )?reporting by |inputs from |avec |mit (?:material (?:von|der) )?|con (?:información de )?|com "
    r"|по (?:материалам|сообщениям) |с использованием материалов |за матеріалами "
)

# before the name: "told AFP", "according to the Iranian news agency FARS", "передает «Интерфакс»", "à l'AFP" (below)
TELL = (
    r"told|according to|citing|cited by|quoted by|reported by|said by|carried by|an interview with|in remarks to"
    r"|news agency|agency"
    # French, Spanish, Italian, Portuguese
    r"|agence|selon|d['’]après|a rapporté|rapporte|cité par|citée? par"
    r"|agencia|según|informó|de acuerdo con|citad[oa] por|declaró a|dijo a"
    r"|agenzia|secondo|ha riferito|riferisce|agência|segundo|informou|disse à"
    # German, Dutch, Polish
    r"|nachrichtenagentur|agentur|laut|nach angaben (?:von|der)|unter berufung auf|meldete|meldet|berichtete|persbureau"
    r"|agencj[aiąę]|podała|poinformowała|według"
    # Russian, Ukrainian, Belarusian
    r"|сообщает|сообщил[аои]?|передает|передаёт|передал[аои]?|по данным|по информации"
    r"|по сообщению|агентств[оауе]м?|со ссылкой на|пишет"
    r"|повідомляє|повідомил[аои]|повідомив|передає|інформує|за даними|за інформацією"
    r"|агентств[оауі]м?|з посиланням на|паведамляе"
    # Arabic, Persian
    r"|وكالة|لوكالة|لـ?|وكالة أنباء|قالت|قال|أعلنت|أوردت|وفق|وفقا ل|نقلا عن|نقلت|أفادت|ذكرت|بحسب|حسب"
    r"|خبرگزاری|به گزارش|به نقل از|به نوشته|به گفته"
)

# behind the name: "Reuters reports", "Reuters'ın aktardığına göre", "dpa zufolge"
SAY = (
    r"reported|reports|said|says|quoted|cited|added|wrote|news agency|state news agency|correspondents?|journalists?"
    r"|a rapporté|a indiqué|rapporte|informó|reportó|señaló|ha riferito|riferisce|informou"
    r"|berichtete|berichtet|meldete|meldet|zufolge|podała|poinformowała"
    r"|сообщает|сообщил[аои]?|сообщило|передает|передаёт|передал[аои]?|пишет|повідомляє|передає|пише"
    r"|bildirdi|aktardı|duyurdu|haberine göre|aktardığına göre|bildirdiğine göre|verdiği habere göre"
)

# Scripts that part no words: "据路透社报道" · "市长对法新社说" · "ロイターによると" · "연합뉴스에 따르면"
UNSPACED_BEFORE = r"(?:据|據|援引|引述|引用)(?:[^，。、\s]{0,8})"
UNSPACED_AFTER = (
    r"(?:通[信讯訊]社?|电讯社)?(?:[^，。、\s]{0,4})(?:报道|報道|报导|報導|消息|電)|(?:通信)?(?:によると|が報じ|が伝え)"
)
UNSPACED_TOLD = (r"(?:对|對|向|告诉|告訴)", r"(?:记者|記者)?(?:说|說|表示|透露|称|稱)")
KOREAN_AFTER = r"(?: ?통신)?(?:에 따르면|[이가은는]? ?보도)"
