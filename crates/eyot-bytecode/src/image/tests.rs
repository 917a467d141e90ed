use super::*;
use crate::text::parse;

fn example() -> Module {
    parse(include_str!("../text/example.txt")).unwrap()
}

/// A small generator, so that runs are the same everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(99);
        (self.0 >> 33) as usize % below
    }
}

/// Reads whatever there is to read.
fn read_all(bytes: &[u8]) {
    let Ok(reader) = ImageReader::open(bytes) else {
        return;
    };
    let _ = reader.check();
    let _ = reader.module();
    let base = reader.base();
    for i in 0..reader.function_count().min(100) {
        let _ = reader.function(base.functions.saturating_add(i));
    }
    for i in 0..reader.class_count().min(100) {
        let _ = reader.class(base.classes.saturating_add(i));
        let _ = reader.class_layout(base.classes.saturating_add(i));
    }
}

#[test]
fn a_module_is_read_back_as_it_was_written() {
    let mut module = example();
    module.core_hash = 77;
    module.base.functions = 1000;
    let bytes = write(&module);
    let reader = ImageReader::open(bytes.as_slice()).unwrap();
    assert_eq!(reader.check(), Ok(()));
    assert!(reader.module().unwrap() == module);
    assert_eq!(reader.function(1003).unwrap(), module.functions[3]);
    assert_eq!(
        reader.function(999),
        Err(ImageError::NoItem(Section::Functions, 999))
    );
    assert_eq!(reader.string(2).unwrap(), &*module.strings[2]);
    assert_eq!(reader.outline().unwrap(), [0, 0xff, 0x10]);
    assert_eq!(reader.core_hash(), 77);
    assert_ne!(reader.hash(), 0);
}

#[test]
fn layouts_are_read_alone() {
    let mut module = example();
    module.classes[0].ref_map = vec![6, 1 << 63, 3];
    module.classes[1].ref_map = Vec::new();
    let bytes = write(&module);
    let reader = ImageReader::open(bytes.as_slice()).unwrap();
    for (id, class) in module.classes.iter().enumerate() {
        let layout = reader.class_layout(id as u32).unwrap();
        assert_eq!(layout, ClassLayout::from(class));
    }
}

#[test]
fn numbers_of_every_length_round_trip() {
    for shift in 0..64 {
        for value in [1_u64 << shift, (1 << shift) - 1, u64::MAX >> shift] {
            let mut out = Out::default();
            value.write(&mut out);
            (value as i64).write(&mut out);
            let read = In::whole::<(u64, i64)>(&out.bytes);
            assert_eq!(read, Ok((value, value as i64)));
        }
    }
    assert_eq!(In::whole::<u64>(&[0xff; 10]), Err(ImageError::Malformed));
}

#[test]
fn damaged_bytes_are_refused_and_never_crash() {
    let bytes = write(&example());
    for len in 0..bytes.len() {
        if len < 400 || len % 7 == 0 {
            read_all(&bytes[..len]);
        }
    }
    let mut random = Random(1);
    for _ in 0..3000 {
        let mut damaged = bytes.clone();
        for _ in 0..1 + random.next(3) {
            // Every other flip hits the header, the section table or an item's end.
            let range = [bytes.len(), 600][random.next(2)];
            damaged[random.next(range)] ^= 1 << random.next(8);
        }
        if damaged != bytes {
            read_all(&damaged);
            let refused = ImageReader::open(damaged.as_slice()).and_then(|reader| {
                reader.check()?;
                // The hash of the core is not part of what the checksum covers.
                Ok(reader.core_hash() == 0)
            });
            assert_ne!(refused, Ok(true));
        }
    }
    for _ in 0..2000 {
        let mut noise: Vec<u8> = (0..random.next(300))
            .map(|_| random.next(256) as u8)
            .collect();
        let header = random.next(60).min(noise.len());
        noise[..header].copy_from_slice(&bytes[..header]);
        read_all(&noise);
    }
}

#[test]
fn an_image_for_other_instructions_is_refused() {
    let mut bytes = write(&example());
    bytes[8] ^= 1;
    assert_eq!(
        ImageReader::open(bytes.as_slice()).unwrap_err(),
        ImageError::Instructions
    );
    bytes[4] = 9;
    assert_eq!(
        ImageReader::open(bytes.as_slice()).unwrap_err(),
        ImageError::Version(9)
    );
}
