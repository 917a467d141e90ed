//! Certificates as programs see them: just enough of ASN.1.

use std::io;

use eyot_runtime::heap::message::Plain;
use jiff::civil;
use jiff::tz::TimeZone;

/// An element: its tag, its content, and what follows it.
pub fn element(input: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = input.split_first()?;
    let (&first, mut rest) = rest.split_first()?;
    let mut length = usize::from(first);
    if first & 0x80 != 0 {
        let count = usize::from(first & 0x7f);
        if count == 0 || count > 4 {
            return None;
        }
        let (digits, behind) = rest.split_at_checked(count)?;
        length = digits
            .iter()
            .fold(0, |sum, &digit| sum << 8 | usize::from(digit));
        rest = behind;
    }
    let (content, behind) = rest.split_at_checked(length)?;
    Some((tag, content, behind))
}

/// The content of an element with that tag, and what follows.
pub fn expect(input: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (found, content, rest) = element(input)?;
    (found == tag).then_some((content, rest))
}

/// Of a list of elements.
pub const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
/// Of a number.
pub const INTEGER: u8 = 0x02;
/// Of bytes.
pub const OCTETS: u8 = 0x04;
/// Of a name in numbers.
pub const IDENTIFIER: u8 = 0x06;

struct Certificate<'a> {
    issuer: &'a [u8],
    start: (u8, &'a [u8]),
    end: (u8, &'a [u8]),
    subject: &'a [u8],
    /// Key and extensions.
    rest: &'a [u8],
}

impl Certificate<'_> {
    fn parse(der: &[u8]) -> Option<Certificate<'_>> {
        let (certificate, _) = expect(der, SEQUENCE)?;
        let (mut body, _) = expect(certificate, SEQUENCE)?;
        if let Some((_, behind)) = expect(body, 0xa0) {
            body = behind;
        }
        let (_, body) = expect(body, INTEGER)?;
        let (_, body) = expect(body, SEQUENCE)?;
        let (issuer, body) = expect(body, SEQUENCE)?;
        let (validity, body) = expect(body, SEQUENCE)?;
        let (subject, rest) = expect(body, SEQUENCE)?;
        let (start_tag, start, behind) = element(validity)?;
        let (end_tag, end, _) = element(behind)?;
        Some(Certificate {
            issuer,
            start: (start_tag, start),
            end: (end_tag, end),
            subject,
            rest,
        })
    }
}

/// The parts of a name: identifier and text.
fn name_parts(name: &[u8]) -> Option<Vec<(&[u8], String)>> {
    let mut parts = Vec::new();
    let mut left = name;
    while !left.is_empty() {
        let (mut set, behind) = expect(left, SET)?;
        left = behind;
        while !set.is_empty() {
            let (pair, behind) = expect(set, SEQUENCE)?;
            set = behind;
            let (identifier, value) = expect(pair, IDENTIFIER)?;
            let (_, value, _) = element(value)?;
            parts.push((identifier, String::from_utf8_lossy(value).into_owned()));
        }
    }
    Some(parts)
}

const COMMON_NAME: &[u8] = &[0x55, 4, 3];

/// The short name of an identifier, or its numbers.
fn label(identifier: &[u8]) -> String {
    let short = match identifier {
        COMMON_NAME => "CN",
        [0x55, 4, 5] => "serialNumber",
        [0x55, 4, 6] => "C",
        [0x55, 4, 7] => "L",
        [0x55, 4, 8] => "ST",
        [0x55, 4, 10] => "O",
        [0x55, 4, 11] => "OU",
        [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 1] => "emailAddress",
        [0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 1, 0x19] => "DC",
        _ => return dotted(identifier),
    };
    short.to_owned()
}

fn dotted(identifier: &[u8]) -> String {
    let Some((&first, rest)) = identifier.split_first() else {
        return String::new();
    };
    let mut text = format!("{}.{}", first / 40, first % 40);
    let mut number = 0_u64;
    for &byte in rest {
        number = number << 7 | u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            text.push_str(&format!(".{number}"));
            number = 0;
        }
    }
    text
}

fn one_line(name: &[u8]) -> Option<String> {
    let parts = name_parts(name)?;
    Some(
        parts
            .iter()
            .map(|(identifier, text)| format!("/{}={text}", label(identifier)))
            .collect(),
    )
}

/// Milliseconds since 1970.
fn time((tag, text): (u8, &[u8])) -> Option<i64> {
    let text = std::str::from_utf8(text).ok()?;
    let digits = text.strip_suffix('Z')?;
    let (year, rest) = match tag {
        0x17 => {
            let (year, rest) = digits.split_at_checked(2)?;
            let year: i16 = year.parse().ok()?;
            (if year < 50 { 2000 + year } else { 1900 + year }, rest)
        }
        0x18 => {
            let (year, rest) = digits.split_at_checked(4)?;
            (year.parse().ok()?, rest)
        }
        _ => return None,
    };
    let part = |index: usize| rest.get(index * 2..index * 2 + 2)?.parse::<i8>().ok();
    let date = civil::DateTime::new(year, part(0)?, part(1)?, part(2)?, part(3)?, part(4)?, 0);
    let zoned = date.ok()?.to_zoned(TimeZone::UTC).ok()?;
    Some(zoned.timestamp().as_millisecond())
}

/// (DER) -> [subject, issuer, start, end]
pub fn describe(der: &[u8]) -> io::Result<Plain> {
    let parts = || {
        let certificate = Certificate::parse(der)?;
        Some(vec![
            Plain::Text(one_line(certificate.subject)?.into()),
            Plain::Text(one_line(certificate.issuer)?.into()),
            Plain::Int(time(certificate.start)?),
            Plain::Int(time(certificate.end)?),
        ])
    };
    match parts() {
        Some(parts) => Ok(Plain::List(parts)),
        None => Err(io::Error::from(io::ErrorKind::InvalidData)),
    }
}

/// Whether a certificate that has no alternative names says this host in its subject.
pub fn common_name_fits(der: &[u8], host: &str) -> bool {
    let fits = || {
        let certificate = Certificate::parse(der)?;
        // The identifier of the extension for alternative names.
        let has_names = certificate
            .rest
            .windows(5)
            .any(|part| part == [6, 3, 0x55, 0x1d, 0x11]);
        let names = name_parts(certificate.subject)?;
        let fits = names.iter().any(|(identifier, text)| {
            *identifier == COMMON_NAME && text.eq_ignore_ascii_case(host)
        });
        Some(!has_names && fits)
    };
    fits().unwrap_or(false)
}
