"""The ciphers of containers and key files (libsodium's formats), from `cryptography` and a few lines of our own."""

import hashlib
import struct

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.ciphers.algorithms import ChaCha20
from cryptography.hazmat.primitives.poly1305 import Poly1305

MASK = 0xFFFFFFFF
SIGMA = struct.unpack("<4I", b"expand 32-byte k")
# What a message is longer by: its tag, and the authenticator.
OVERHEAD = 17
HEADER_BYTES = 24
TAG_MESSAGE = 0
TAG_REKEY = 2
TAG_FINAL = 3


class NotAuthentic(Exception):
    """A ciphertext was changed, or sealed with another key."""


def blake2b(key, message):
    """crypto_generichash with a key."""
    return hashlib.blake2b(message, key=key, digest_size=32).digest()


def derive(key, number, context):
    """crypto_kdf_derive_from_key of 32 bytes."""
    salt = struct.pack("<Q", number) + bytes(8)
    return hashlib.blake2b(b"", key=key, salt=salt, person=context + bytes(8), digest_size=32).digest()


def _rotate(value, bits):
    return (value << bits | value >> (32 - bits)) & MASK


def _chacha_rounds(state):
    def quarter(a, b, c, d):
        state[a] = (state[a] + state[b]) & MASK
        state[d] = _rotate(state[d] ^ state[a], 16)
        state[c] = (state[c] + state[d]) & MASK
        state[b] = _rotate(state[b] ^ state[c], 12)
        state[a] = (state[a] + state[b]) & MASK
        state[d] = _rotate(state[d] ^ state[a], 8)
        state[c] = (state[c] + state[d]) & MASK
        state[b] = _rotate(state[b] ^ state[c], 7)

    for _ in range(10):
        for column in range(4):
            quarter(column, column + 4, column + 8, column + 12)
        for column in range(4):
            quarter(column, (column + 1) % 4 + 4, (column + 2) % 4 + 8, (column + 3) % 4 + 12)


def _salsa_rounds(state):
    def quarter(a, b, c, d):
        state[b] ^= _rotate((state[a] + state[d]) & MASK, 7)
        state[c] ^= _rotate((state[b] + state[a]) & MASK, 9)
        state[d] ^= _rotate((state[c] + state[b]) & MASK, 13)
        state[a] ^= _rotate((state[d] + state[c]) & MASK, 18)

    for _ in range(10):
        for at in ((0, 4, 8, 12), (5, 9, 13, 1), (10, 14, 2, 6), (15, 3, 7, 11)):
            quarter(*at)
        for at in ((0, 1, 2, 3), (5, 6, 7, 4), (10, 11, 8, 9), (15, 12, 13, 14)):
            quarter(*at)


def hchacha20(key, nonce):
    """HChaCha20 (draft-irtf-cfrg-xchacha)."""
    state = [*SIGMA, *struct.unpack("<8I", key), *struct.unpack("<4I", nonce)]
    _chacha_rounds(state)
    return struct.pack("<8I", *state[:4], *state[12:])


def _salsa_state(key, nonce):
    k, n = struct.unpack("<8I", key), struct.unpack("<4I", nonce)
    return [SIGMA[0], *k[:4], SIGMA[1], *n, SIGMA[2], *k[4:], SIGMA[3]]


def _hsalsa20(key, nonce):
    state = _salsa_state(key, nonce)
    _salsa_rounds(state)
    return struct.pack("<8I", *(state[at] for at in (0, 5, 10, 15, 6, 7, 8, 9)))


def _salsa20(key, nonce, blocks):
    stream = b""
    for counter in range(blocks):
        begin = _salsa_state(key, nonce + struct.pack("<Q", counter))
        state = list(begin)
        _salsa_rounds(state)
        stream += struct.pack("<16I", *((a + b) & MASK for a, b in zip(begin, state)))
    return stream


def open_sealed_box(box, secret_key):
    """crypto_box_seal_open: X25519, then XSalsa20-Poly1305 under a nonce that follows from both public keys."""
    if len(box) < 48:
        raise NotAuthentic("it is too short for a sealed box")
    secret = X25519PrivateKey.from_private_bytes(secret_key)
    own = secret.public_key().public_bytes_raw()
    try:
        shared = secret.exchange(X25519PublicKey.from_public_bytes(box[:32]))
    except ValueError:
        raise NotAuthentic("its public key is degenerate") from None
    nonce = hashlib.blake2b(box[:32] + own, digest_size=24).digest()
    key = _hsalsa20(_hsalsa20(shared, bytes(16)), nonce[:16])
    tag, ciphertext = box[32:48], box[48:]
    stream = _salsa20(key, nonce[16:], (len(ciphertext) + 32 + 63) // 64)
    authenticator = Poly1305(stream[:32])
    authenticator.update(ciphertext)
    if authenticator.finalize() != tag:
        raise NotAuthentic("a sealed key is not authentic")
    return bytes(a ^ b for a, b in zip(ciphertext, stream[32:]))


class SecretStream:
    """crypto_secretstream_xchacha20poly1305, for messages whose length is a multiple of 8 bytes.

    Each is an RFC 8439 message: a block that begins with the tag and goes on with zeros, then the message itself.
    """

    def __init__(self, key, header):
        self._key = hchacha20(key, header[:16])
        self._nonce = header[16:24]
        self._counter = 1

    def pull(self, ciphertext, head):
        """Returns (message, tag). Raises NotAuthentic."""
        if len(ciphertext) < OVERHEAD:
            raise NotAuthentic("a ciphertext is too short")
        nonce = struct.pack("<I", self._counter) + self._nonce
        # Block 1 of the key stream encrypts the tag's block, of which only the first byte is stored.
        block = Cipher(ChaCha20(self._key, struct.pack("<I", 1) + nonce), None).encryptor().update(bytes(64))
        whole = ciphertext[:1] + block[1:] + ciphertext[1:]
        try:
            opened = ChaCha20Poly1305(self._key).decrypt(nonce, whole, head)
        except InvalidTag:
            raise NotAuthentic("a record is not authentic") from None
        self._advance(ciphertext[-16:], opened[0])
        return opened[64:], opened[0]

    def _advance(self, authenticator, tag):
        self._nonce = bytes(a ^ b for a, b in zip(self._nonce, authenticator))
        self._counter = self._counter + 1 & MASK
        if tag & TAG_REKEY or self._counter == 0:
            nonce = struct.pack("<I", self._counter) + self._nonce
            stream = Cipher(ChaCha20(self._key, bytes(4) + nonce), None).encryptor()
            renewed = stream.update(self._key + self._nonce)
            self._key, self._nonce, self._counter = renewed[:32], renewed[32:40], 1
