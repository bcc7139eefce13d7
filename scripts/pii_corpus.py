"""Makes seeded texts with planted personal data and secrets, and decoys that look like them.

The values are made by formulas of their own, not by the scanner's; `--check` has python-stdnum confirm those it knows.
Sentences come in two sets: `dev`, which the scanner was tuned on, and `held-out`, which it was not.

    python3 scripts/pii_corpus.py --count 200 > corpus.jsonl      rows {"text", "spans": [[start, end, kind]]}, in characters
    python3 scripts/pii_corpus.py --golden > crates/rewardctl-pii/tests/golden/planted.jsonl
"""

import argparse
import base64
import hashlib
import json
import random
import string
import sys
import uuid
import zlib

SEED = 20261127
B62 = string.digits + string.ascii_uppercase + string.ascii_lowercase
FIRST = "maria james wei aisha carlos olga priya john fatima kenji anna pierre lena omar grace ivan chloe diego".split()
LAST = "garcia smith chen khan silva ivanova patel brown hassan tanaka mueller dubois novak okafor petrov lopez".split()


def digits(r, n):
    return "".join(r.choice(string.digits) for _ in range(n))


def chars(r, n, alphabet=B62):
    return "".join(r.choice(alphabet) for _ in range(n))


def group(value, lengths, sep):
    parts, at = [], 0
    for length in lengths:
        parts.append(value[at:at + length])
        at += length
    return sep.join(parts)


def luhn(body, prefix=""):
    total = 0
    for i, c in enumerate(reversed(prefix + body)):
        d = int(c) * (2 if i % 2 == 0 else 1)
        total += d - 9 * (d > 9)
    return body + str(-total % 10)


def until(make):
    """Draws until the check digit exists."""
    while True:
        value = make()
        if value:
            return value


def card(r):
    kind = r.choice(["visa", "visa", "mc", "amex", "disc", "diners", "mir"])
    prefix, n = {"visa": ("4", 16), "mc": (str(r.randint(51, 55)), 16), "amex": (r.choice(["34", "37"]), 15),
                 "disc": ("6011", 16), "diners": ("36", 14), "mir": ("2202", 16)}[kind]
    value = luhn(prefix + digits(r, n - 1 - len(prefix)))
    shapes = {16: [4, 4, 4, 4], 15: [4, 6, 5], 14: [4, 6, 4]}[n]
    return r.choice([value, group(value, shapes, " "), group(value, shapes, "-")])


BBAN = {"DE": (18, None), "GB": (18, "aaaadddddddddddddd"), "FR": (23, None), "NL": (14, "aaaadddddddddd"),
        "ES": (20, None), "IT": (23, "addddddddddcccccccccccc"), "CH": (17, None), "PL": (24, None), "BE": (12, None)}


def iban(r):
    country = r.choice(sorted(BBAN))
    n, shape = BBAN[country]
    pick = {"a": string.ascii_uppercase, "d": string.digits, "c": string.digits}
    bban = "".join(r.choice(pick[c]) for c in (shape or "d" * n))
    number = "".join(str(int(c, 36)) for c in bban + country + "00")
    value = f"{country}{98 - int(number) % 97:02d}{bban}"
    return r.choice([value, " ".join(value[i:i + 4] for i in range(0, len(value), 4))])


def ssn(r):
    area = r.choice([a for a in range(1, 900) if a != 666])
    return f"{area:03d}-{r.randint(1, 99):02d}-{r.randint(1, 9999):04d}"


def itin(r):
    return f"9{digits(r, 2)}-{r.choice(list(range(50, 66)) + list(range(70, 89)))}-{digits(r, 4)}"


def routing(r):
    body = f"{r.choice(list(range(1, 13)) + list(range(21, 33))):02d}" + digits(r, 6)
    return body + str(-sum(int(d) * w for d, w in zip(body, [3, 7, 1] * 3)) % 10)


def npi(r):
    return luhn(r.choice("12") + digits(r, 8), "80840")


def nhs(r):
    def make():
        body = digits(r, 9)
        check = 11 - sum(int(d) * w for d, w in zip(body, range(10, 1, -1))) % 11
        return None if check == 10 else body + str(check % 11)
    return r.choice([lambda v: v, lambda v: group(v, [3, 3, 4], " "), lambda v: group(v, [3, 3, 4], "-")])(until(make))


def nino(r):
    bad = {"BG", "GB", "KN", "NK", "NT", "TN", "ZZ"}
    def make():
        prefix = r.choice("ABCEGHJKLMNOPRSTWXYZ") + r.choice("ABCEGHJKLMNPRSTWXYZ")
        return None if prefix in bad else prefix
    d, suffix, prefix = digits(r, 6), r.choice("ABCD"), until(make)
    return r.choice([f"{prefix}{d}{suffix}", f"{prefix} {d[:2]} {d[2:4]} {d[4:]} {suffix}"])


def de_tax(r):
    def make():
        picked = r.sample(string.digits, 9)
        body = picked + [r.choice(picked)]
        r.shuffle(body)
        if body[0] == "0":
            return None
        product = 10
        for d in body:
            total = (int(d) + product) % 10 or 10
            product = total * 2 % 11
        return "".join(body) + str((11 - product) % 10)
    value = until(make)
    return r.choice([value, group(value, [2, 3, 3, 3], " ")])


def nir(r):
    body = f"{r.choice('12')}{digits(r, 2)}{r.randint(1, 12):02d}{r.randint(1, 95):02d}{digits(r, 6)}"
    value = body + f"{97 - int(body) % 97:02d}"
    return r.choice([value, group(value, [1, 2, 2, 2, 3, 3, 2], " "), value[:13] + " " + value[13:]])


ODD = dict(zip(string.digits + string.ascii_uppercase,
               [1, 0, 5, 7, 9, 13, 15, 17, 19, 21] + [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12,
                                                      14, 16, 10, 22, 25, 24, 23]))


def codice_fiscale(r):
    consonants = "BCDFGLMNPRSTVZ"
    body = chars(r, 6, consonants) + digits(r, 2) + r.choice("ABCDEHLMPRST")
    body += f"{r.randint(1, 28) + r.choice([0, 40]):02d}" + r.choice("ABCDEFGHL") + digits(r, 3)
    even = lambda c: int(c) if c.isdigit() else ord(c) - 65
    total = sum(ODD[c] if i % 2 == 0 else even(c) for i, c in enumerate(body))
    return body + chr(65 + total % 26)


def nif(r):
    letters = "TRWAGMYFPDXBNJZSQVHLCKE"
    if r.random() < .5:
        body = digits(r, 8)
        return body + r.choice(["", "-"]) + letters[int(body) % 23]
    first, body = r.randrange(3), digits(r, 7)
    return "XYZ"[first] + body + letters[int(str(first) + body) % 23]


def bsn(r):
    def make():
        body = r.choice("123456789") + digits(r, 7)
        check = sum(int(d) * w for d, w in zip(body, range(9, 1, -1))) % 11
        return None if check == 10 else body + str(check)
    return until(make)


def pesel(r):
    year, month, day = r.randint(30, 99), r.randint(1, 12), r.randint(1, 28)
    body = f"{year:02d}{month:02d}{day:02d}" + digits(r, 4)
    return body + str(-sum(int(d) * w for d, w in zip(body, [1, 3, 7, 9] * 3)) % 10)


def cpf(r):
    body = digits(r, 9)
    for n in (10, 11):
        body += str(sum(int(d) * w for d, w in zip(body, range(n, 1, -1))) * 10 % 11 % 10)
    return r.choice([body, f"{body[:3]}.{body[3:6]}.{body[6:9]}-{body[9:]}"])


def cnpj(r):
    body = digits(r, 8) + "0001"
    for weights in ([5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2], [6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2]):
        rest = sum(int(d) * w for d, w in zip(body, weights)) % 11
        body += "0" if rest < 2 else str(11 - rest)
    return r.choice([body, f"{body[:2]}.{body[2:5]}.{body[5:8]}/{body[8:12]}-{body[12:]}"])


def verhoeff_table():
    d = [[(i + j) % 5 if i < 5 and j < 5 else 0 for j in range(10)] for i in range(10)]
    for i in range(10):
        for j in range(10):
            if i < 5 <= j:
                d[i][j] = 5 + (i + j - 5) % 5
            elif j < 5 <= i:
                d[i][j] = 5 + (i - 5 - j) % 5
            elif i >= 5 and j >= 5:
                d[i][j] = (i - j) % 5
    p = [[1, 5, 7, 6, 2, 8, 3, 0, 9, 4]]
    p = [list(range(10))] + p
    for _ in range(6):
        p.append([p[-1][p[1][k]] for k in range(10)])
    return d, p


D5, P8 = verhoeff_table()


def aadhaar(r):
    body = r.choice("23456789") + digits(r, 10)
    for check in string.digits:
        c = 0
        for i, ch in enumerate(reversed(body + check)):
            c = D5[c][P8[i % 8][int(ch)]]
        if c == 0:
            return r.choice([body + check, group(body + check, [4, 4, 4], " ")])
    raise AssertionError("one of ten digits fits")


def sin(r):
    value = luhn(r.choice("1234567") + digits(r, 7))
    return r.choice([value, group(value, [3, 3, 3], " "), group(value, [3, 3, 3], "-")])


def nric(r):
    prefix, body = r.choice("STFG"), digits(r, 7)
    total = sum(int(d) * w for d, w in zip(body, [2, 7, 6, 5, 4, 3, 2])) + 4 * (prefix in "TG")
    return prefix + body + ("JZIHGFEDCBA" if prefix in "ST" else "XWUTRQPNMLK")[total % 11]


def imei(r):
    value = luhn("35" + digits(r, 12))
    return r.choice([value, group(value, [2, 6, 6, 1], "-")])


B58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def bitcoin(r):
    if r.random() < .5:
        raw = bytes([r.choice([0, 5])]) + r.randbytes(20)
        raw += hashlib.sha256(hashlib.sha256(raw).digest()).digest()[:4]
        n, out = int.from_bytes(raw, "big"), ""
        while n:
            n, rest = divmod(n, 58)
            out = B58[rest] + out
        return "1" * (len(raw) - len(raw.lstrip(b"\0"))) + out
    charset = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
    bits = "".join(f"{b:08b}" for b in r.randbytes(20))
    values = [0] + [int(bits[i:i + 5], 2) for i in range(0, 160, 5)]
    check = 1
    for v in [3, 3, 0, 2, 3] + values + [0] * 6:
        top, check = check >> 25, (check & 0x1ffffff) << 5 ^ v
        for i, g in enumerate([0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3]):
            check ^= g if top >> i & 1 else 0
    check ^= 1
    return "bc1" + "".join(charset[v] for v in values + [check >> 5 * (5 - i) & 31 for i in range(6)])


def email(r):
    name = r.choice([f"{r.choice(FIRST)}.{r.choice(LAST)}", r.choice(LAST) + digits(r, 2), f"{r.choice(FIRST)}_{digits(r, 3)}+x"])
    return f"{name}@{r.choice(['acme.org', 'mail.uni-bonn.de', 'corp.co.uk', 'beispiel.ch', 'initech.io', 'startup.dev'])}"


def phone(r):
    a, b, c = r.randint(212, 789), r.randint(220, 989), digits(r, 4)
    return r.choice([f"+1 ({a}) {b}-{c}", f"+1-{a}-{b}-{c}", f"({a}) {b}-{c}", f"{a}-{b}-{c}", f"{a}.{b}.{c}",
                     f"+49 {r.randint(30, 89)} {digits(r, 7)}", f"+44 20 7{digits(r, 3)} {digits(r, 4)}",
                     f"+33 6 {group(digits(r, 8), [2] * 4, ' ')}", f"+91 9{digits(r, 4)} {digits(r, 5)}",
                     f"020 7{digits(r, 3)} {digits(r, 4)}", f"06 {group(digits(r, 8), [2] * 4, ' ')}", f"+4915{digits(r, 9)}",
                     f"(11) 9{digits(r, 4)}-{digits(r, 4)}", f"0{r.randint(30, 89)} {digits(r, 7)}"])


def ipv4(r):
    first = r.choice([n for n in range(11, 223) if n not in (127, 169, 172, 192, 198, 203, 100)])
    return ".".join(map(str, [first, r.randint(1, 254), r.randint(10, 254), r.randint(1, 254)]))


def ip(r):
    return ipv4(r) if r.random() < .7 else "2a02:" + ":".join(f"{r.randrange(1, 65536):x}" for _ in range(7))


def mac(r):
    first = r.choice(["f8", "3c", "a4", "b8", "5c", "d0"])
    return r.choice([":", "-"]).join([first] + [f"{r.randrange(256):02x}" for _ in range(5)])


MONTHS = "January February March April May June July August September October November December".split()


def birth(r):
    y, m, d = r.randint(1930, 2010), r.randint(1, 12), r.randint(1, 28)
    return r.choice([f"{y}-{m:02d}-{d:02d}", f"{d:02d}/{m:02d}/{y}", f"{d}.{m}.{y}", f"{d} {MONTHS[m - 1]} {y}",
                     f"{MONTHS[m - 1]} {d}, {y}"])


def home(r):
    name = r.choice(FIRST)[0] + r.choice(LAST)
    return r.choice([f"/home/{name}", f"/Users/{name}", f"C:\\Users\\{name}"])


def crc_token(r, prefix):
    body = chars(r, 30)
    n, check = zlib.crc32(body.encode()), ""
    while n:
        n, rest = divmod(n, 62)
        check = B62[rest] + check
    return prefix + body + check.rjust(6, "0")


def jwt(r):
    part = lambda o: base64.urlsafe_b64encode(json.dumps(o).encode()).rstrip(b"=").decode()
    return f"{part({'alg': 'HS256', 'typ': 'JWT'})}.{part({'sub': digits(r, 8), 'iat': 1700000000})}.{chars(r, 43)}"


def pem(r):
    lines = "\n".join(chars(r, 64, B62 + "+/") for _ in range(4))
    return f"-----BEGIN PRIVATE KEY-----\n{lines}\n-----END PRIVATE KEY-----"


SECRETS = {
    "aws-access-key": lambda r: "AKIA" + chars(r, 16, string.ascii_uppercase + "234567"),
    "openai-key": lambda r: r.choice([f"sk-proj-{chars(r, 74)}T3BlbkFJ{chars(r, 74)}", f"sk-{chars(r, 20)}T3BlbkFJ{chars(r, 20)}"]),
    "anthropic-key": lambda r: f"sk-ant-api03-{chars(r, 93)}AA",
    "github-token": lambda r: r.choice([crc_token(r, "ghp_"), f"github_pat_{chars(r, 22)}_{chars(r, 59)}"]),
    "gitlab-token": lambda r: "glpat-" + chars(r, 20),
    "slack-token": lambda r: f"xoxb-{digits(r, 12)}-{digits(r, 12)}-{chars(r, 24)}",
    "stripe-key": lambda r: "sk_live_" + chars(r, 24),
    "google-api-key": lambda r: "AIza" + chars(r, 35),
    "hugging-face-token": lambda r: "hf_" + chars(r, 34),
    "npm-token": lambda r: crc_token(r, "npm_"),
    "pypi-token": lambda r: "pypi-AgEIcHlwaS5vcmc" + chars(r, 130),
    "sendgrid-key": lambda r: f"SG.{chars(r, 22)}.{chars(r, 43)}",
    "azure-key": lambda r: f"AccountKey={chars(r, 86, B62 + '+/')}==",
    "private-key": pem,
    "jwt": jwt,
    "url-with-password": lambda r: f"{r.choice(['postgres', 'mysql', 'amqp', 'https'])}://{r.choice(LAST)}:{chars(r, 12)}@db{digits(r, 1)}.acme.io",
    "assigned-secret": lambda r: chars(r, 28),
}

# kind: how it is made, what it is called in the dev sentences, what in the held-out ones. None needs no name.
KINDS = {
    "credit-card": (card, ["card number", "Visa"], ["payment card", "credit card"]),
    "iban": (iban, ["IBAN"], ["account", "bank details"]),
    "us-ssn": (ssn, ["SSN"], ["social security number", "SSN"]),
    "us-itin": (itin, ["ITIN"], ["individual taxpayer number", "ITIN"]),
    "us-routing-number": (routing, ["routing number"], ["ABA number", "bank routing code"]),
    "us-npi": (npi, ["NPI"], ["National Provider Identifier", "NPI number"]),
    "uk-nhs-number": (nhs, ["NHS number"], ["NHS no", "NHS ID"]),
    "uk-nino": (nino, ["national insurance number"], ["NI number", "National Insurance no"]),
    "de-tax-id": (de_tax, ["Steuer-ID"], ["Steueridentifikationsnummer", "German tax ID"]),
    "fr-nir": (nir, ["NIR"], ["French social security number", "numéro de sécurité sociale"]),
    "it-codice-fiscale": (codice_fiscale, ["codice fiscale"], ["Italian tax code", "fiscal code"]),
    "es-nif": (nif, ["NIF"], ["DNI", "NIE"]),
    "nl-bsn": (bsn, ["BSN"], ["burgerservicenummer", "BSN number"]),
    "pl-pesel": (pesel, ["PESEL"], ["PESEL number", "numer PESEL"]),
    "br-cpf": (cpf, ["CPF"], ["CPF number", "número de CPF"]),
    "br-cnpj": (cnpj, ["CNPJ"], ["CNPJ number", "company's CNPJ"]),
    "in-aadhaar": (aadhaar, ["Aadhaar"], ["Aadhaar number", "Aadhaar card number"]),
    "ca-sin": (sin, ["SIN"], ["social insurance number", "Canadian SIN"]),
    "sg-nric": (nric, ["NRIC"], ["FIN", "identity card"]),
    "bitcoin-address": (bitcoin, ["wallet"], ["BTC address", "donation address"]),
    "imei": (imei, ["IMEI"], ["IMEI number", "phone's IMEI"]),
    "email": (email, ["email"], ["address", "contact"]),
    "phone": (phone, ["phone number"], ["mobile", "number to call"]),
    "ip-address": (ip, ["IP address"], ["server", "last login"]),
    "mac-address": (mac, ["MAC"], ["network card", "device"]),
    "birth-date": (birth, ["date of birth"], ["birthday", "DOB"]),
    "home-path": (home, ["home folder"], ["working folder", "path"]),
}
CHECKSUMS = [k for k in KINDS if k not in ("email", "phone", "ip-address", "mac-address", "birth-date", "home-path")]

TEMPLATES = {
    "dev": ["My {n} is {v}.", "Please use {n} {v} for this.", "{n}: {v}", "They asked for the {n}, so I sent {v} yesterday.",
            "Could you check whether the {n} {v} is still right?", "He wrote down his {n} ({v}) and left.",
                 "Row 14 | {n} | {v} | pending", "As agreed, the {n} on file is \"{v}\".",
                 "I typed {v} as my {n}, and it failed twice.", "For the form: {n} = {v}, sent today.",
                 "- {n}: {v}\n- status: open", "The new {n}, which replaces the old one, is {v}; update it."],
    "held-out": ["Is {v} the right {n} for her, or was that last year's?", "We have {n} <{v}> in our records.",
                 "On the phone she spelled out her {n}, slowly: {v}.", "{n} .......... {v}", "'{n}','{v}','checked'",
                 "Sorry, I gave you the wrong {n}. The right one is {v}.", "# {n}\n{v}\n", "Thanks! Then I put {v} under {n} and close the ticket."],
}
ASSIGNED = {"dev": ["DB_PASSWORD={v}", "api_key: \"{v}\""],
            "held-out": ["export SERVICE_TOKEN={v}", "{{\"client_secret\": \"{v}\"}}", "curl -H 'Authorization: Bearer {v}'",
                         "AWS_SECRET_ACCESS_KEY = {v}"]}
SECRET_TEMPLATES = {"dev": ["use {v} for now", "KEY=\"{v}\""],
                    "held-out": ["I pasted {v} into the chat by mistake.", "const k = '{v}';", "curl -u {v} https://x.org", "env: {v}\n"]}

FILLER = ["The meeting moved to Thursday because two of them were ill.", "Nobody had read the report before the call began.",
          "A good answer names its source and says what is not known.", "Water boils at a lower temperature up in the hills.",
          "The parser keeps a stack of open brackets and their lines.", "She asked for a refund and got it within a week."]


def decoys(r):
    """Sentences that hold no personal data, however they look."""
    d = lambda n: digits(r, n)
    hexes = lambda n: chars(r, n, "0123456789abcdef")
    nine = [f"Order {d(9)} shipped in {d(1)} boxes.", f"The population grew to {r.randint(10**8, 10**9 - 1)} by then.",
            f"Ticket #{d(10)} was closed.", f"id={d(12)}&page={d(2)}", f"It took {d(11)} steps to converge.",
            f"let total = {d(10)} + {d(9)};", f"The sum of {d(9)} and {d(10)} is large.", f"Batch {d(14)} of {d(13)} units."]
    other = [f"Commit {hexes(40)} broke it.", f"Request {uuid.UUID(int=r.getrandbits(128), version=4)} timed out.",
             f"sha256:{hexes(64)}", f"At {1600000000 + r.randrange(10**8)} the job ended.", f"pi is 3.{d(15)}",
             f"Use version {r.randint(2, 40)}.{r.randint(0, 20)}.{d(4)}.{r.randint(1, 9)} of the tool.",
             f"The paper is arXiv {r.randint(15, 26)}{r.randint(1, 12):02d}.{d(5)}.", f"ISBN 978-3-16-{d(6)}-{d(1)}",
             f"On 2024-{r.randint(1, 12):02d}-{r.randint(1, 28):02d} at 10:{d(2)}:{d(2)} it rained.", f"0x{hexes(40)}",
             f"Rows 100-200-{d(4)} and 1 000 {d(3)} 000.", f"price: {d(3)},{d(3)},{d(3)}.{d(2)} EUR", f"std::map<int, Foo::Bar> m{d(2)};",
             f"grep -E '[0-9]{{3}}-[0-9]{{4}}' file{d(2)}.txt", f"color: #{hexes(6)}; z-index: {d(5)};", f"import a.b.c{d(1)}; @app.route('/x')",
             f"SKU {chars(r, 3, string.ascii_uppercase)}-{d(5)}-{chars(r, 2, string.ascii_uppercase)}", f"tracking 1Z{chars(r, 16, string.ascii_uppercase + string.digits)}",
             f"lat 48.{d(6)}, lon 11.{d(6)}", f"password = read_password()  # token = tokens[{d(3)}]", f"GET /v2/items/{d(8)}/parts/{d(6)}",
             f"The model has {d(2)},{d(3)},{d(3)} parameters and a loss of 0.{d(6)}.", f"{d(4)} {d(4)} {d(3)} are the inputs."]
    return r.choice(nine + other)


WIDE = str.maketrans("0123456789", "０１２３４５６７８９")


def disguise(r, value):
    """Writes a number as people who hide it do, or as documents that were converted hold it."""
    how = r.randrange(4)
    if how == 0:
        return value.translate(WIDE)
    if how == 1:
        at = len(value) // 2
        return value[:at] + "\u200b" + value[at:]
    if how == 2:
        return value.replace(" ", "\u00a0").replace("-", "\u2011")
    return value.replace(" ", "\u202f").replace("-", "\u2013")


def planted(r, kind, templates):
    """Returns a sentence and where the value stands in it."""
    if kind in SECRETS:
        value = SECRETS[kind](r)
        pool = ASSIGNED if kind == "assigned-secret" else SECRET_TEMPLATES
        sentence = r.choice(pool[templates])
        before, after = sentence.replace("{{", "{").replace("}}", "}").split("{v}")
        return before + value + after, len(before), len(before) + len(value)
    make, *names = KINDS[kind]
    value = make(r)
    if kind in CHECKSUMS and kind not in ("bitcoin-address",) and r.random() < .15:
        value = disguise(r, value)
    name = r.choice(names[templates == "held-out"])
    before, after = r.choice(TEMPLATES[templates]).replace("{n}", name).split("{v}")
    return before + value + after, len(before), len(before) + len(value)


def rows(count, templates="held-out", kinds=None, seed=SEED):
    """Makes `count` rows for each kind, each with its datum among filler and decoys, and as many rows of decoys alone."""
    r = random.Random(f"{seed} {templates}")
    kinds = kinds or list(KINDS) + list(SECRETS)
    for kind in kinds:
        for _ in range(count):
            sentence, start, end = planted(r, kind, templates)
            parts = [r.choice(FILLER) if r.random() < .6 else decoys(r) for _ in range(r.randint(1, 4))]
            at = r.randint(0, len(parts))
            # What stands beside it is prose, so that no decoy borrows its words.
            parts[at:at] = [FILLER[r.randrange(6)], sentence, FILLER[r.randrange(6)]]
            offset = sum(len(part) + 1 for part in parts[:at + 1])
            yield {"text": " ".join(parts), "spans": [[start + offset, end + offset, kind]]}
    for _ in range(count * len(kinds)):
        parts = [decoys(r) for _ in range(r.randint(2, 5))]
        yield {"text": " ".join(parts), "spans": []}


def check():
    """Has python-stdnum confirm what is planted."""
    from importlib import import_module
    known = {"credit-card": "luhn", "iban": "iban", "us-ssn": "us.ssn", "us-itin": "us.itin", "us-routing-number": "us.rtn",
             "uk-nhs-number": "gb.nhs", "de-tax-id": "de.idnr", "fr-nir": "fr.nir", "it-codice-fiscale": "it.codicefiscale",
             "nl-bsn": "nl.bsn", "pl-pesel": "pl.pesel", "br-cpf": "br.cpf", "br-cnpj": "br.cnpj", "in-aadhaar": "in_.aadhaar",
             "ca-sin": "ca.sin", "imei": "imei", "bitcoin-address": "bitcoin"}
    r = random.Random(SEED)
    for kind, name in known.items():
        module = import_module(f"stdnum.{name}")
        bad = [v for v in (KINDS[kind][0](r) for _ in range(300)) if not module.is_valid(v.replace(" ", "").replace("-", "") if name == "luhn" else v)]
        print(f"{kind}: {300 - len(bad)} of 300 valid", bad[:3] if bad else "", file=sys.stderr)
    nif_es, nie = import_module("stdnum.es.dni"), import_module("stdnum.es.nie")
    values = [nif(r) for _ in range(300)]
    print("es-nif:", sum(nif_es.is_valid(v) or nie.is_valid(v) for v in values), "of 300 valid", file=sys.stderr)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=200, help="rows for each kind")
    parser.add_argument("--templates", choices=["dev", "held-out"], default="held-out")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--golden", action="store_true", help="twenty rows for each kind that is no secret")
    parser.add_argument("--check", action="store_true", help="have python-stdnum confirm the values")
    args = parser.parse_args()
    if args.check:
        return check()
    made = rows(20, kinds=list(KINDS)) if args.golden else rows(args.count, args.templates, seed=args.seed)
    for row in made:
        print(json.dumps(row, ensure_ascii=False))


if __name__ == "__main__":
    main()
