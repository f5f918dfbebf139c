"""Bearer tokens of a sign-on: what a good one opens, and every way in which one is not good."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from fastapi.testclient import TestClient
from served import OURS, THEIRS, City

from api.app import create_app
from api.problems import ProblemError
from api.settings import Settings
from api.tokens import Tokens
from gridplan.store.keys import Role

ISSUER, AUDIENCE = "https://sign-on.example", "gridplan"
NOW = datetime(2026, 11, 2, 4, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Issuer:
    """A sign-on with keys of its own; ``keys`` is the file that holds the public halves."""

    rsa_key: rsa.RSAPrivateKey
    ec_key: ec.EllipticCurvePrivateKey
    keys: Path

    def token(self, algorithm: str = "RS256", kid: str = "r", key: Any = None, **claims: Any) -> str:
        said = {"iss": ISSUER, "aud": AUDIENCE, "sub": "u-7", "exp": (NOW + timedelta(minutes=5)).timestamp()}
        said |= {"gridplan_role": "planner", "gridplan_scope": OURS, **claims}
        values = {name: value for name, value in said.items() if value is not None}
        return jwt.encode(values, key or self.rsa_key, algorithm=algorithm, headers={"kid": kid})

    @property
    def public(self) -> bytes:
        form, pem = serialization.PublicFormat.SubjectPublicKeyInfo, serialization.Encoding.PEM
        return self.rsa_key.public_key().public_bytes(pem, form)


@pytest.fixture(scope="module")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Issuer:
    one, other = rsa.generate_private_key(65537, 2048), ec.generate_private_key(ec.SECP256R1())
    public = [
        {**json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(one.public_key())), "kid": "r", "use": "sig"},
        {**json.loads(jwt.algorithms.ECAlgorithm.to_jwk(other.public_key())), "kid": "e"},
        {"kty": "oct", "kid": "s", "k": base64.urlsafe_b64encode(b"0" * 32).decode()},
        {"kty": "nonsense", "kid": "n"},
    ]
    path = tmp_path_factory.mktemp("issuer") / "keys.json"
    path.write_text(json.dumps({"keys": public}))
    return Issuer(one, other, path)


def settings(issuer: Issuer, **more: Any) -> Settings:
    return Settings(oidc_issuer=ISSUER, oidc_audience=AUDIENCE, oidc_jwks=str(issuer.keys), **more)


def test_a_token_is_a_key_of_its_role_and_scope(issuer: Issuer) -> None:
    tokens = Tokens(settings(issuer))
    key = tokens.key(issuer.token(preferred_username="李娜"), NOW)
    assert (key.key_id, key.name, key.role, key.scope) == ("oidc:u-7", "李娜", Role.PLANNER, OURS)
    signed = tokens.key(issuer.token("ES256", "e", issuer.ec_key, gridplan_scope="*"), NOW)
    assert (signed.scope, signed.valid(NOW), signed.fits("")) == ("", True, False)
    assert (
        tokens.key(issuer.token(aud=["other", AUDIENCE], gridplan_role=["viewer", "admin", "x"]), NOW).role == "admin"
    )


def test_claims_may_lie_inside_others_and_be_translated(issuer: Issuer) -> None:
    mapped = settings(issuer, oidc_role_claim="realm.roles", oidc_roles={"网格长": "dispatcher"})
    found = Tokens(mapped).key(issuer.token(realm={"roles": ["offline", "网格长"]}), NOW)
    assert found.role is Role.DISPATCHER
    with pytest.raises(ProblemError):
        Tokens(mapped).key(issuer.token(realm={"roles": ["admin"]}), NOW)


def part(values: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(values).encode()).rstrip(b"=").decode()


def unsigned(its: Issuer) -> str:
    return ".".join([part({"alg": "none", "kid": "r"}), its.token().split(".")[1], ""])


def confused(its: Issuer, secret: bytes, kid: str) -> str:
    """Sign as one who knows the public key alone can, where a checker lets the token choose the algorithm."""
    said = f"{part({'alg': 'HS256', 'typ': 'JWT', 'kid': kid})}.{its.token().split('.')[1]}"
    digest = hmac.new(secret, said.encode(), hashlib.sha256).digest()
    return f"{said}.{base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"


def critical(its: Issuer) -> str:
    claims = jwt.decode(its.token(), options={"verify_signature": False})
    return jwt.encode(claims, its.rsa_key, "RS256", headers={"kid": "r", "crit": ["b64"], "b64": True})


BAD: dict[str, Callable[[Issuer], str]] = {
    "expired": lambda its: its.token(exp=(NOW - timedelta(minutes=1)).timestamp()),
    "without an end": lambda its: its.token(exp=None),
    "not yet": lambda its: its.token(nbf=(NOW + timedelta(minutes=1)).timestamp()),
    "of another issuer": lambda its: its.token(iss="https://other.example"),
    "for another audience": lambda its: its.token(aud="elsewhere"),
    "for nobody": lambda its: its.token(aud=None),
    "of nobody": lambda its: its.token(sub=None),
    "without a role": lambda its: its.token(gridplan_role=None),
    "with an unknown role": lambda its: its.token(gridplan_role="owner"),
    "without a scope": lambda its: its.token(gridplan_scope=None),
    "with an empty scope": lambda its: its.token(gridplan_scope=""),
    "with two scopes": lambda its: its.token(gridplan_scope=[OURS, THEIRS]),
    "with a strange scope": lambda its: its.token(gridplan_scope="2307%"),
    "with a number for a scope": lambda its: its.token(gridplan_scope=2307),
    "signed by another": lambda its: its.token(key=rsa.generate_private_key(65537, 2048)),
    "of an unknown key": lambda its: its.token(kid="x"),
    "of the other key": lambda its: its.token(kid="e"),
    "unsigned": unsigned,
    "signed with the public key as a secret": lambda its: confused(its, its.public, "r"),
    "signed with a shared secret": lambda its: confused(its, b"0" * 32, "s"),
    "signed in a way that is not allowed": lambda its: its.token("RS512"),
    "with a demand that nobody knows": critical,
    "cut": lambda its: its.token()[:-9],
    "no token": lambda its: "x.y",
    "empty": lambda its: "",
}


@pytest.mark.parametrize("what", BAD)
def test_a_token_that_is_not_good_opens_nothing(issuer: Issuer, what: str) -> None:
    token = BAD[what](issuer)
    with pytest.raises(ProblemError) as caught:
        Tokens(settings(issuer)).key(token, NOW)
    assert caught.value.kind.status == 401
    assert not token or token not in caught.value.detail


def test_no_setting_takes_a_shared_secret(issuer: Issuer) -> None:
    for algorithm in ("HS256", "none"):
        with pytest.raises(ValueError, match="oidc_algorithms"):
            settings(issuer, oidc_algorithms=(algorithm,))


def test_keys_that_change_are_read_again_but_not_for_every_forgery(
    issuer: Issuer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads, moment = [], [0.0]
    monkeypatch.setattr("api.tokens.time.monotonic", lambda: moment[0])
    monkeypatch.setattr("api.tokens._bytes_of", lambda place: reads.append(place) or Path(place).read_bytes())
    path = tmp_path / "keys.json"
    path.write_text("no keys yet")
    tokens = Tokens(Settings(oidc_issuer=ISSUER, oidc_audience=AUDIENCE, oidc_jwks=str(path)))
    for _ in range(3):
        with pytest.raises(ProblemError):
            tokens.key(issuer.token(), NOW)
    assert len(reads) == 1
    path.write_text(issuer.keys.read_text())
    moment[0] = 31.0
    assert tokens.key(issuer.token(), NOW).role is Role.PLANNER
    assert tokens.key(issuer.token(), NOW).role is Role.PLANNER
    assert len(reads) == 2


def test_the_service_takes_tokens_in_their_scope(issuer: Issuer, city: City) -> None:
    url = city.store.engine.url.render_as_string(hide_password=False)
    app = create_app(settings(issuer, database_url=url, poll_s=3600), clock=city.clock)
    with TestClient(app) as client:

        def ask(path: str, token: str) -> Any:
            return client.get(path, headers={"Authorization": f"Bearer {token}"})

        mine = ask("/v1/grids", issuer.token()).json()
        assert mine["numberMatched"]
        assert all(feature["id"].startswith(OURS) for feature in mine["features"])
        assert ask(f"/v1/plans/{city.theirs}", issuer.token()).status_code == 404
        assert ask("/v1/audit", issuer.token()).status_code == 403
        refused = ask("/v1/grids", issuer.token(aud="elsewhere"))
        assert (refused.status_code, refused.headers["www-authenticate"]) == (401, 'Bearer error="invalid_token"')
        assert "BearerToken" in app.openapi()["components"]["securitySchemes"]
    plain = create_app(Settings(database_url=url, poll_s=3600), clock=city.clock)
    with TestClient(plain) as client:
        assert client.get("/v1/grids", headers={"Authorization": f"Bearer {issuer.token()}"}).status_code == 401
