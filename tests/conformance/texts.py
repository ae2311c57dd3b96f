"""Texts that break careless software: those a badge must carry whole, and those that must not enter one."""

# Allowed: every one of them is signed, and read back the same, by all.
HOSTILE = {
    "quotes": "\"double\" 'single' `back` “curly” «guillemets»",
    "backslashes": 'C:\\temp\\new \\u0041 \\\\ \\" \\n',
    "emoji": "👩🏽‍🎓 🏴󠁧󠁢󠁥󠁮󠁧󠁿 \U0001f600",
    "separators": "a\u2028b\u2029c\u0085d",
    "breaks": "one\ntwo\r\nthree\rfour\tfive",
    "rtl": "שלום مرحبا \u202eabc\u202c \u200f",
    "cdata": "]]> <![CDATA[ ]]]]><![CDATA[> -->",
    "markup": "<b>&amp;</b> &lt; <!-- --> <script>alert(1)</script> </svg>",
    "braces": "{{ 7 * 7 }} {% x %} ${y} %s %(z)s {0} _:c14n0 _:b1",
    "composed": "e\u0301 \u00e9 \ufb01 \u1e9b\u0323 ﷺ \ufeff \u200b \u00ad",
    "c1": "\u0080\u009b\u009f",
    "private": "\ue000 \U000f0000 \U0001fffe \ufdd0",
}
INTERNATIONAL_ADDRESS = "https://bücher.example/straße/知識?q=%20ü&y=’#ß"
LONG = ("Lunga è la via, ma il sapere resta. " * 556)[:19_000]

REFUSED = {
    "nul": "a\x00b",
    "bell": "a\x07b",
    "escape": "a\x1bb",
    "delete": "a\x7fb",
    "fffe": "a\ufffeb",
    "lone": "a\ud800b",
}
