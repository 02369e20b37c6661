"""The one guarded HTTP client: every request this project makes to somebody else's server leaves through here.

It is built on httpcore, the transport beneath httpx: no redirects, cookies, proxies from the environment or
content decoding exist to be switched off. What it adds is threat T22 of the threat model: https (plain http only
to allow-listed origins), every resolved address must be public, the connection goes to that very address with the
name kept for TLS, and size, time and content type are bounded. Leaves out HTTP/2 and streaming to the caller.
"""

from outbound.again import AskAgain
from outbound.answers import AnswerLost, FetchLimits, HttpAnswer
from outbound.asynchronous import AsyncHttpClient
from outbound.json_interface import JsonInterface
from outbound.origins import InsecureLoopback, Origin, OriginRule, Target, parse_url
from outbound.policy import OutboundPolicy
from outbound.synchronous import HttpClient

__all__ = [
    "AnswerLost",
    "AskAgain",
    "AsyncHttpClient",
    "FetchLimits",
    "HttpAnswer",
    "HttpClient",
    "InsecureLoopback",
    "JsonInterface",
    "Origin",
    "OriginRule",
    "OutboundPolicy",
    "Target",
    "parse_url",
]
