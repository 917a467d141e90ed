//! Private keys behind a password: `ENCRYPTED PRIVATE KEY` in PEM.
//!
//! Two schemes: PBES2 with PBKDF2 and AES, which tools of today write, and the old one of PKCS #12 with SHA-1 and RC4, which
//! many files for tests still have.

use std::io;
use std::num::NonZeroU32;

use aes::cipher::block_padding::Pkcs7;
use aes::cipher::{BlockModeDecrypt, KeyIvInit};
use ring::{digest, pbkdf2};

use super::certificates::{IDENTIFIER, INTEGER, OCTETS, SEQUENCE, element, expect};

const BEGIN: &str = "-----BEGIN ENCRYPTED PRIVATE KEY-----";
const END: &str = "-----END ENCRYPTED PRIVATE KEY-----";

const PBES2: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 5, 0x0d];
const PBKDF2: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 5, 0x0c];
const SHA1_RC4: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 0x0c, 1, 1];
const HMAC: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 2];
const AES: &[u8] = &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 1];

/// More rounds than this would keep the isolate busy for minutes.
const ROUNDS_MAX: u32 = 10_000_000;

/// The key in a PEM text that is encrypted, as DER; nothing if it is not.
pub fn decrypt(pem: &[u8], password: Option<&str>) -> Option<io::Result<Vec<u8>>> {
    let text = std::str::from_utf8(pem).ok()?;
    let (_, rest) = text.split_once(BEGIN)?;
    let (body, _) = rest.split_once(END)?;
    let der = from_base64(body);
    Some(decrypt_info(&der, password.unwrap_or_default()).ok_or_else(|| {
        io::Error::new(
            io::ErrorKind::InvalidData,
            "the private key cannot be decrypted: wrong password, or a scheme that is not supported yet",
        )
    }))
}

/// The bytes that base64 stands for; what is no digit of it is skipped.
fn from_base64(text: &str) -> Vec<u8> {
    let digits = text.bytes().filter_map(|byte| match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    });
    let mut bytes = Vec::new();
    let (mut bits, mut count) = (0_u32, 0);
    for digit in digits {
        bits = bits << 6 | u32::from(digit);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
        }
    }
    bytes
}

fn decrypt_info(der: &[u8], password: &str) -> Option<Vec<u8>> {
    let (info, _) = expect(der, SEQUENCE)?;
    let (algorithm, rest) = expect(info, SEQUENCE)?;
    let (data, _) = expect(rest, OCTETS)?;
    let (scheme, parameters) = expect(algorithm, IDENTIFIER)?;
    let (parameters, _) = expect(parameters, SEQUENCE)?;
    match scheme {
        PBES2 => decrypt_pbes2(parameters, data, password),
        SHA1_RC4 => {
            let (salt, rest) = expect(parameters, OCTETS)?;
            let rounds = number(expect(rest, INTEGER)?.0)?;
            let mut plain = data.to_vec();
            rc4(&pkcs12_key(password, salt, rounds), &mut plain);
            // A wrong password gives noise, which is no sequence.
            expect(&plain, SEQUENCE)?;
            Some(plain)
        }
        _ => None,
    }
}

fn number(bytes: &[u8]) -> Option<u32> {
    let value = bytes.iter().try_fold(0_u32, |sum, &byte| {
        sum.checked_mul(256)?.checked_add(byte.into())
    })?;
    (value > 0 && value <= ROUNDS_MAX).then_some(value)
}

fn decrypt_pbes2(parameters: &[u8], data: &[u8], password: &str) -> Option<Vec<u8>> {
    let (derivation, rest) = expect(parameters, SEQUENCE)?;
    let (cipher, _) = expect(rest, SEQUENCE)?;
    let (name, derivation) = expect(derivation, IDENTIFIER)?;
    if name != PBKDF2 {
        return None;
    }
    let (derivation, _) = expect(derivation, SEQUENCE)?;
    let (salt, rest) = expect(derivation, OCTETS)?;
    let (rounds, rest) = expect(rest, INTEGER)?;
    let rounds = NonZeroU32::new(number(rounds)?)?;
    let rest = expect(rest, INTEGER).map_or(rest, |(_, behind)| behind);
    let function = match element(rest) {
        None => pbkdf2::PBKDF2_HMAC_SHA1,
        Some((_, function, _)) => match expect(function, IDENTIFIER)?.0.strip_prefix(HMAC)? {
            [7] => pbkdf2::PBKDF2_HMAC_SHA1,
            [9] => pbkdf2::PBKDF2_HMAC_SHA256,
            [10] => pbkdf2::PBKDF2_HMAC_SHA384,
            [11] => pbkdf2::PBKDF2_HMAC_SHA512,
            _ => return None,
        },
    };
    let (cipher, rest) = expect(cipher, IDENTIFIER)?;
    let (start, _) = expect(rest, OCTETS)?;
    let mut key = [0; 32];
    let mut derive = |length: usize| {
        let key = &mut key[..length];
        pbkdf2::derive(function, rounds, salt, password.as_bytes(), key);
        key.to_vec()
    };
    match cipher.strip_prefix(AES)? {
        [2] => unlock::<cbc::Decryptor<aes::Aes128>>(&derive(16), start, data),
        [22] => unlock::<cbc::Decryptor<aes::Aes192>>(&derive(24), start, data),
        [42] => unlock::<cbc::Decryptor<aes::Aes256>>(&derive(32), start, data),
        _ => None,
    }
}

fn unlock<C: KeyIvInit + BlockModeDecrypt>(
    key: &[u8],
    start: &[u8],
    data: &[u8],
) -> Option<Vec<u8>> {
    let cipher = C::new_from_slices(key, start).ok()?;
    let mut plain = data.to_vec();
    let length = cipher.decrypt_padded::<Pkcs7>(&mut plain).ok()?.len();
    plain.truncate(length);
    Some(plain)
}

/// The first 16 bytes of the key that PKCS #12 derives (RFC 7292, appendix B.2, with the number for keys).
fn pkcs12_key(password: &str, salt: &[u8], rounds: u32) -> Vec<u8> {
    const BLOCK: usize = 64;
    let mut wide: Vec<u8> = password.encode_utf16().flat_map(u16::to_be_bytes).collect();
    wide.extend([0, 0]);
    let fill = |bytes: &[u8]| -> Vec<u8> {
        let length = bytes.len().div_ceil(BLOCK) * BLOCK;
        bytes.iter().copied().cycle().take(length).collect()
    };
    let mut state = vec![1; BLOCK];
    state.extend(fill(salt));
    state.extend(fill(&wide));
    for _ in 0..rounds {
        let hash = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, &state);
        state = hash.as_ref().to_vec();
    }
    state.truncate(16);
    state
}

fn rc4(key: &[u8], data: &mut [u8]) {
    let mut table: [u8; 256] = std::array::from_fn(|index| index as u8);
    let mut other = 0_u8;
    for index in 0..256 {
        other = other
            .wrapping_add(table[index])
            .wrapping_add(key[index % key.len()]);
        table.swap(index, other.into());
    }
    let (mut first, mut second) = (0_u8, 0_u8);
    for byte in data {
        first = first.wrapping_add(1);
        second = second.wrapping_add(table[usize::from(first)]);
        table.swap(first.into(), second.into());
        let index = table[usize::from(first)].wrapping_add(table[usize::from(second)]);
        *byte ^= table[usize::from(index)];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rc4_gives_the_known_stream() {
        let mut data = *b"Plaintext";
        rc4(b"Key", &mut data);
        assert_eq!(data, [0xBB, 0xF3, 0x16, 0xE8, 0xD9, 0x40, 0xAF, 0x0A, 0xD3]);
    }

    #[test]
    fn nonsense_is_an_error() {
        assert!(decrypt(b"-----BEGIN PRIVATE KEY-----", None).is_none());
        let pem = format!("{BEGIN}\nMAMCAQA=\n{END}\n");
        assert!(decrypt(pem.as_bytes(), Some("x")).is_some_and(|key| key.is_err()));
    }
}
