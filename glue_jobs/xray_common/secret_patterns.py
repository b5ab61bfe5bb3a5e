# SPDX-License-Identifier: Apache-2.0
"""What secrets look like: one rule for each kind.

Each pattern is linear in the length of the text: no two of its starts scan the same characters, or what they
scan is bounded. It is tried only where one of its hints is in the text, and in most texts there is none.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from re import Match
from typing import Final

HIDDEN: Final = "***"


class Rule:
    """A kind of secret: what a text with one contains (lower case), its pattern, and what takes its place.

    The pattern is compiled when a text has a hint of it: most processes never meet most of them.
    """

    def __init__(
        self, *hints: str, pattern: str, instead: str | Callable[[Match[str]], str] = HIDDEN
    ) -> None:
        self.hints, self._pattern, self._instead = hints, pattern, instead

    def apply(self, text: str) -> str:
        """Return a text without secrets of this kind."""
        return re.sub(self._pattern, self._instead, text)  # which keeps what it compiled


# Up to the same quote, else the end of the line. A quote may be escaped: JSON in JSON.
_MARK: Final = r"\\{0,8}[\"']"
_QUOTED: Final = rf"(?P<quote>{_MARK})(?P<quoted>(?:(?!(?P=quote))(?:\\.|[^\\\n]))*)"
# Up to a blank or what separates pairs; a comma is part of it unless a blank, a quote or a pair follows.
_BARE: Final = r"(?P<bare>(?:[^\s\"'&;,<>\\]|,(?![\s\"']|[\w.-]{1,40}=|$)|\\(?![\"'nrt]))+)"
_VALUE: Final = rf"(?:{_QUOTED}|{_BARE})"
# A value may stand on the next line, in JSON, and in a list, a call or bytes: ['x'], SecretStr('x'), b'x'.
_OPENS: Final = rf"(?:\s{{1,8}}(?={_MARK})|(?:[A-Za-z_][\w.]{{0,40}}\(|[\[({{])?[bBrRuU]{{0,2}}(?={_MARK}))?"
_IS: Final = rf"[ \t]{{0,4}}(?:=>|->|%3[dD]|[:=>])[ \t]{{0,4}}{_OPENS}"
_BEFORE_QUOTE: Final = rf"[`\"']?[ \t]{{1,4}}(?={_MARK})"  # SQL: password 'x'
_NAME: Final = (
    r"(?:pass(?:word|wd|phrase|code)s?(?:[_-]?(?:hash|digest|\d{1,2}))?"
    r"|pwd(?![\"']?[ \t]?[=:][ \t]?/)"  # a working directory
    r"|(?<=[?&;_])pass(?=[\"']?[ \t]?[=:])"  # and the name of a secret in an ARN is none
    r"|(?<!\d:)secret(?:[_. -]?(?:access[_. -]?)?key|[_-]?(?:string|value|binary))?)"
)
_KEY: Final = "[kK][eE][yY](?:{})".format(
    "|".join(
        f"(?<=(?i:{word}){joint}[kK][eE][yY])"
        for word in ("api", "access", "account", "private", "auth")
        for joint in ("", "[_. -]")
    )
)
_ANY: Final = rf"(?:{_NAME}|token|(?:api|access|account|private|auth)[_. -]?key)"
_SECRET_HINTS: Final = ("passw", "passp", "passc", "pass=", "_pass", "pwd", "secret")
_HARMLESS: Final = "(?i:null|none|true|false|undefined|arn:aws.*|)"
_CONSTANT: Final = "[A-Z_]+"
# Lines of a program, in a stack: `password = ask(user)` and `f(token=page["NextToken"])` hold no secret.
_CODE: Final = r"[^=]* = [A-Za-z_][\w.]*\(|[^=]*=[A-Za-z_][\w.]*\[$"
_LEAST_TOKEN: Final = 16  # characters, after a colon: parsers speak of tokens, too


def _hide_value(match: Match[str]) -> str:
    """Keep the name, the separator and the quotes of a pair: JSON stays JSON."""
    quoted, bare = match["quoted"], (match["bare"] or "").rstrip("}])")
    if re.fullmatch(_HARMLESS, bare if quoted is None else quoted) or re.match(_CODE, match["name"] + bare):
        return match[0]
    if quoted is not None:
        return f"{match['name']}{match['quote']}{HIDDEN}"
    in_json = match["name"].rstrip(" \t:").endswith('"')
    return match["name"] + (f'"{HIDDEN}"' if in_json else HIDDEN) + match["bare"][len(bare) :]


def _hide_token(match: Match[str]) -> str:
    """Hide the value of a pair, but not the tokens of a parser: ``token: START_ARRAY``."""
    value = match["bare"] or match["quoted"] or ""
    is_prose = match["is"].strip() == ":" and not match["key"]
    if is_prose and (len(value) < _LEAST_TOKEN or not any(map(str.isdigit, value))):
        return match[0]
    return match[0] if re.fullmatch(_CONSTANT, value) else _hide_value(match)


def _hide_access_key(match: Match[str]) -> str:
    """Hide an id, and the 40 characters after it when they are a secret key and no hash."""
    if match["secret"] is None:
        return HIDDEN
    is_key = all(any(map(kind, match["secret"])) for kind in (str.isupper, str.islower, str.isdigit))
    return f"{HIDDEN}{match['gap']}{HIDDEN if is_key else match['secret']}"


def _hide_basic(match: Match[str]) -> str:
    """Hide base64 of ``user:password``; "basic authentication" is none."""
    try:
        is_pair = b":" in base64.b64decode(match["pair"] + "==")
    except binascii.Error:
        is_pair = False
    return match["scheme"] + HIDDEN if is_pair else match[0]


RULES: Final = (
    Rule(
        "private key",
        pattern=r"-----BEGIN[^-]{0,60}PRIVATE KEY[^-]{0,8}-----"
        r"[^-]*(?:-(?!----)[^-]*)*(?:-----END[^-]{0,60}-----)?",
    ),
    # Access key ids of AWS, and the secret key where one follows.
    Rule(
        *("akia", "asia", "abia", "acca"),
        pattern=r"(?<![A-Za-z0-9])(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}(?![A-Za-z0-9])"
        r"(?:(?P<gap>[^A-Za-z0-9/+](?:[\s\S]{0,80}?[^A-Za-z0-9/+])?)"
        r"(?P<secret>[A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=]))?",
        instead=_hide_access_key,
    ),
    # Session tokens of STS, by what they begin with.
    Rule(
        *("jb3jpz2lu", "ogzxivyxdz", "qodyxdz"),
        pattern=r"(?:(?:IQ|Ag)[ok]Jb3JpZ2lu|F[wQ]oGZXIvYXdz|AQoDYXdz)(?:[A-Za-z0-9+/=_-]|%[0-9A-Fa-f]{2})+",
    ),
    # Presigned URLs of AWS (version 4, then 2), CloudFront, Google and Azure; the first as headers, too.
    Rule(
        *("x-amz-", "x-goog-"),
        pattern=r"([xX]-(?i:amz|goog)-(?i:signature|security-token|credential)"
        r"[\"']?(?:=|%(?:25){0,3}3[dD]|: ?)[\"']?)[^&\s\"'<>,;]+",
        instead=rf"\1{HIDDEN}",
    ),
    Rule(
        *("sig=", "sig%3d", "signature=", "signature%3d", "accesskeyid="),
        pattern=r"(?<![a-z])((?i:sig|signature|awsaccesskeyid)(?:=|%3[dD]))[A-Za-z0-9%/+_~-]{12,}={0,2}",
        instead=rf"\1{HIDDEN}",
    ),
    # user:password@host, with a slash in the password, too; a port is no password.
    Rule(
        "@",
        pattern=r"(://)(?:[^\s/?#@\"'<>:]*:[^\s/?#\"'<>]*@"
        r"|[^\s:/@?#\"'<>]{1,256}:(?!\d{1,5}(?:[/?#;,]|$))[^\s@\"'<>]{1,256}@)",
        instead=rf"\1{HIDDEN}@",
    ),
    # A user alone is a token as a rule; abfss://container@account is none.
    Rule("@", pattern=r"([hH](?i:ttps?)://)[^\s/?#\"'<>:@]+@", instead=rf"\1{HIDDEN}@"),
    Rule(
        *(":thin:", ":oci:", ":oci8:"),
        pattern=r"(:(?i:thin|oci8?):)[^\s@/:\"'?;()]{1,128}/[^\s@\"']{1,256}@",
        instead=rf"\1{HIDDEN}@",
    ),
    Rule(
        "authorization",
        pattern=rf"((?i:authorization)(?:{_MARK})?[ \t]{{0,4}}[:=,][ \t]{{0,4}}(?:{_MARK})?)"
        r"(?:(?i:bearer|basic|digest|negotiate|token|apikey|aws4?[\w-]{0,20})[ \t][^\"'\n\\]+"
        r"|[^\s\"'\\]{12,})",
        instead=rf"\1{HIDDEN}",
    ),
    Rule(
        "bearer ",
        pattern=r"((?i:bearer)[ \t]{1,4})(?=[A-Za-z._~+/-]{0,256}\d)[A-Za-z0-9._~+/-]{12,}={0,2}",
        instead=rf"\1{HIDDEN}",
    ),
    Rule(
        "basic ",
        pattern=r"(?P<scheme>(?i:basic)[ \t]{1,4})(?P<pair>[A-Za-z0-9+/]{8,})={0,2}",
        instead=_hide_basic,
    ),
    Rule("cookie:", pattern=r"((?i:cookie):[ \t]?)[^\s\"'][^\n\"']*", instead=rf"\1{HIDDEN}"),
    # name=value, "name": "value", name 'value', <name>value<
    Rule(
        *_SECRET_HINTS,
        pattern=rf"(?P<name>(?i:{_NAME})(?:(?:{_MARK}|`)?{_IS}|{_BEFORE_QUOTE})){_VALUE}",
        instead=_hide_value,
    ),
    Rule(
        "key",
        pattern=rf"(?P<name>{_KEY}(?:(?:{_MARK}|`)?{_IS}|{_BEFORE_QUOTE})){_VALUE}",
        instead=_hide_value,
    ),
    Rule(
        "token",
        pattern=rf"(?P<name>(?i:token)(?P<key>{_MARK}|`)?(?P<is>{_IS})){_VALUE}",
        instead=_hide_token,
    ),
    # ("name", "value") of an option in a program, and --name value of a command, as a list, too.
    Rule(
        *(*_SECRET_HINTS, "key", "token"),
        pattern=rf"(?P<name>\({_MARK}[^\"'\n\\]{{0,80}}(?i:{_ANY}){_MARK},[ \t]{{0,4}})"
        rf"{_QUOTED}(?P<bare>(?!))?",
        instead=_hide_value,
    ),
    Rule(
        "--",
        pattern=rf"(?P<name>(?<!-)--(?:[\w.]|-(?!-)){{0,40}}(?i:{_ANY})"
        rf"(?:{_MARK})?,?[ \t]{{1,4}}(?!-|\\*[\"']-)){_VALUE}",
        instead=_hide_value,
    ),
    Rule(
        "identified by",
        pattern=r"((?i:identified by)[ \t]{1,4}(?i:values[ \t]{1,4}|password[ \t]{1,4})?[\"'])[^\"'\n]+",
        instead=rf"\1{HIDDEN}",
    ),
    # Azure: storage keys in Spark's settings, connection strings.
    Rule(
        "account.key",
        pattern=r"((?i:account\.key)(?:\.[\w-]{1,80}){0,8}[\"']?[ \t]{0,4}[=:,][ \t]{0,4}[\"']?)"
        r"[^\s\"',;&]+",
        instead=rf"\1{HIDDEN}",
    ),
    Rule(
        "sharedaccess",
        pattern=r"((?i:sharedaccess(?:signature|key))[=:][ \t]{0,4})[^\s;\"']+",
        instead=rf"\1{HIDDEN}",
    ),
    # Tokens that say what they are.
    Rule(
        *(
            "ghp_",
            "gho_",
            "ghu_",
            "ghs_",
            "ghr_",
            "github_pat_",
            "glpat-",
            "npm_",
            "hvs.",
            "pypi-age",
            "dapi",
        ),
        pattern=r"(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|npm_[A-Za-z0-9]{30,}"
        r"|hvs\.[\w-]{20,}|pypi-AgE[\w-]{20,}|dapi[0-9a-f]{32})",
    ),
    Rule(
        *("xox", "xapp-", "hooks.slack.com"),
        pattern=r"(?:xox[a-z]-[\w-]{8,}|xapp-[\w-]{8,}|(?<=hooks\.slack\.com/services/)[\w/]+)",
    ),
    Rule(
        *("sk_live", "sk_test", "rk_live", "rk_test", "sk-", "aiza", "ya29.", "sg."),
        pattern=r"(?:[sr]k_(?:live|test)_\w{10,}|(?<![A-Za-z0-9])sk-[\w-]{0,12}[A-Za-z0-9]{20,}[\w-]*|AIza[\w-]{35}"
        r"|ya29\.[\w-]{10,}|SG\.[\w-]{16,40}\.[\w-]{16,60})",
    ),
    Rule("eyj", pattern=r"(?<![\w-])eyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*){0,3}"),
)
