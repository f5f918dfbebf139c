"""Bearer tokens of a municipal sign-on (OAuth 2.0, OpenID Connect): verified here, by keys that the operator names."""

from __future__ import annotations

import json
import logging
import time
import urllib.request
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import Any

import jwt

from api.problems import UNAUTHENTICATED, ProblemError
from api.settings import Settings
from gridplan.store.keys import Key, Role

# A claim that gives the whole store must say so; a missing one gives nothing.
EVERYTHING = "*"
# Signatures that one party makes and others can only check: with a shared secret, who checks could also sign.
_FAMILIES = {"RSA": ("RS", "PS"), "EC": ("ES",), "OKP": ("EdDSA",)}
_LEEWAY_S = 30
_FETCH_S = 5
_MOST_BYTES = 1_000_000
# Unknown keys are asked for at most so often: else every forged token would cost a fetch.
_REFRESH_S = 30

logger = logging.getLogger("gridplan.api")


class Tokens:
    """
    Takes a bearer token for what a key is: a role and a scope.

    Parameters
    ----------
    settings
        Issuer, audience, keys, and which claims hold the role and the scope.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._keys: Mapping[str, jwt.PyJWK] = {}
        self._read_at = -float("inf")
        self._lock = Lock()

    def key(self, token: str, now: datetime) -> Key:
        """
        Return what a token opens, as a key that is kept nowhere.

        Parameters
        ----------
        token
            As sent, without the word Bearer.
        now
            The moment, aware.

        Raises
        ------
        ProblemError
            If it is not valid, or gives no role or no scope. What is wrong goes to the log alone.
        """
        try:
            claims = self._claims(token, now)
            role, scope = self._role(claims), self._scope(claims)
        except (jwt.InvalidTokenError, ValueError, TypeError, KeyError) as error:
            logger.info("token refused", extra={"fields": {"why": type(error).__name__}})
            raise ProblemError(
                UNAUTHENTICATED,
                "Authorization: expected a valid token of the issuer with a role and a scope; found another",
                {"WWW-Authenticate": 'Bearer error="invalid_token"'},
            ) from None
        subject = str(claims["sub"])
        name = str(claims.get("preferred_username") or claims.get("name") or subject)
        return Key(f"oidc:{subject}"[:100], name[:100], role, scope, "", str(claims["iss"]), now)

    def _claims(self, token: str, now: datetime) -> Mapping[str, Any]:
        """Return what a token says, once it is known who says it, to whom, and that it holds now."""
        header = jwt.get_unverified_header(token)
        key = self._signer(str(header.get("kid", "")))
        algorithm = str(header.get("alg"))
        families = _FAMILIES.get(str(key.key_type), ())
        if "crit" in header or not algorithm.startswith(families) or algorithm not in self._settings.oidc_algorithms:
            raise jwt.InvalidAlgorithmError
        claims: Mapping[str, Any] = jwt.decode(
            token,
            key.key,
            algorithms=[algorithm],
            audience=self._settings.oidc_audience,
            issuer=self._settings.oidc_issuer,
            # Times are held against the service's own clock, below.
            options={
                "require": ["exp", "sub", "iss", "aud"],
                "verify_exp": False,
                "verify_nbf": False,
                "verify_iat": False,
            },
        )
        seconds = now.timestamp()
        if float(claims["exp"]) + _LEEWAY_S <= seconds or float(claims.get("nbf", 0)) - _LEEWAY_S > seconds:
            raise jwt.ExpiredSignatureError
        return claims

    def _signer(self, key_id: str) -> jwt.PyJWK:
        found = self._keys.get(key_id)
        if found is None and time.monotonic() - self._read_at >= _REFRESH_S:
            with self._lock:
                self._read_at = time.monotonic()
                self._keys = self._fetched()
            found = self._keys.get(key_id)
        if found is None:
            raise KeyError(key_id)
        return found

    def _fetched(self) -> Mapping[str, jwt.PyJWK]:
        """Return the issuer's keys by id; those read before where it does not answer."""
        try:
            values = json.loads(_bytes_of(str(self._settings.oidc_jwks)))["keys"]
            made = [jwt.PyJWK(each) for each in values if each.get("kty") in _FAMILIES and each.get("use") != "enc"]
        except (OSError, ValueError, KeyError, TypeError, AttributeError, jwt.PyJWTError) as error:
            logger.warning("the issuer's keys cannot be read", extra={"fields": {"why": type(error).__name__}})
            return self._keys
        return {str(each.key_id or ""): each for each in made}

    def _role(self, claims: Mapping[str, Any]) -> Role:
        """Return the highest role that a token gives."""
        known = self._settings.oidc_roles or {role.value: role for role in Role}
        given = [known[each] for each in _texts(claims, self._settings.oidc_role_claim) if each in known]
        if not given:
            raise ValueError("no role")
        return max(given, key=list(Role).index)

    def _scope(self, claims: Mapping[str, Any]) -> str:
        """Return the one scope that a token gives; several would need several tokens."""
        (scope,) = _texts(claims, self._settings.oidc_scope_claim)
        if scope != EVERYTHING and not (scope.isalnum() and scope.isascii()):
            raise ValueError("no scope")
        return "" if scope == EVERYTHING else scope


def _texts(claims: Mapping[str, Any], path: str) -> list[str]:
    """Return the texts of a claim, which may lie inside others (``realm_access.roles``) and be one or a list."""
    found: Any = claims
    for name in path.split("."):
        found = found[name]
    return [found] if isinstance(found, str) else [each for each in found if isinstance(each, str)]


def _bytes_of(place: str) -> bytes:
    """Return what a file, or a URL that the operator has set, holds."""
    if not place.startswith(("https:", "http:")):
        return Path(place).read_bytes()
    with urllib.request.urlopen(place, timeout=_FETCH_S) as answer:  # noqa: S310 - http and https alone, by the operator
        return bytes(answer.read(_MOST_BYTES))
