//! Client requests to the valgrind that runs this program (`valgrind.h`, `memcheck.h` and `callgrind.h` of
//! valgrind 3).
//!
//! A request is a code sequence that has no effect on the processor and that valgrind recognizes. Without
//! valgrind, nothing happens and every answer is 0.
#![expect(unsafe_code, reason = "a request to valgrind is assembly")]

const RUNNING_ON_VALGRIND: usize = 0x1001;
const MEMCHECK: usize = tool(b'M', b'C');
const MAKE_MEM_UNDEFINED: usize = MEMCHECK + 1;
const MAKE_MEM_DEFINED: usize = MEMCHECK + 2;
const GET_VBITS: usize = MEMCHECK + 8;
const CALLGRIND: usize = tool(b'C', b'T');
const TOGGLE_COLLECT: usize = CALLGRIND + 2;
const DUMP_STATS_AT: usize = CALLGRIND + 3;

const fn tool(first: u8, second: u8) -> usize {
    (first as usize) << 24 | (second as usize) << 16
}

/// Returns `true` if valgrind runs this program.
pub(crate) fn is_there() -> bool {
    request([RUNNING_ON_VALGRIND, 0, 0, 0, 0, 0]) > 0
}

/// Marks these bytes as secret: memcheck considers them undefined, and reports every branch and address that
/// depends on them.
pub(crate) fn hide(bytes: &mut [u8]) {
    request([MAKE_MEM_UNDEFINED, bytes.as_mut_ptr().expose_provenance(), bytes.len(), 0, 0, 0]);
}

/// Marks a value that was derived from secrets as public, but not the data that it points to.
pub(crate) fn reveal<T: ?Sized>(value: &mut T) {
    let length = size_of_val(value);
    request([MAKE_MEM_DEFINED, core::ptr::from_mut(value).expose_provenance(), length, 0, 0, 0]);
}

/// Returns `true` if memcheck considers each of these bytes secret; `false` without memcheck.
pub(crate) fn is_hidden(bytes: &[u8]) -> bool {
    let mut undefined = vec![0_u8; bytes.len()];
    let answer = request([
        GET_VBITS,
        bytes.as_ptr().expose_provenance(),
        undefined.as_mut_ptr().expose_provenance(),
        bytes.len(),
        0,
        0,
    ]);
    answer == 1 && undefined.iter().all(|bits| *bits != 0)
}

/// Starts or stops counting in callgrind.
pub(crate) fn toggle_counting() {
    request([TOGGLE_COLLECT, 0, 0, 0, 0, 0]);
}

/// Makes callgrind write its counts, under a name without a zero byte, and start again from 0.
pub(crate) fn write_counts(name: &str) {
    let name: Vec<u8> = name.bytes().chain([0]).collect();
    request([DUMP_STATS_AT, name.as_ptr().expose_provenance(), 0, 0, 0, 0]);
}

/// A request and its arguments.
#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
fn request(words: [usize; 6]) -> usize {
    let mut answer = 0_usize;
    // SAFETY: on the processor these are four rotations of a register by 128 bits in total, and an exchange
    // of another register with itself. They change only flags, which the compiler considers clobbered.
    // Valgrind answers in rdx. It reads and writes the memory that the request names, which is alive, has
    // that length, and is borrowed mutably if it is written. The compiler assumes that all memory is read and
    // written.
    unsafe {
        core::arch::asm!(
            "rol rdi, 3",
            "rol rdi, 13",
            "rol rdi, 61",
            "rol rdi, 51",
            "xchg rbx, rbx",
            in("rax") words.as_ptr(),
            inout("rdx") answer,
            options(nostack),
        );
    }
    answer
}

/// On other architectures the requests differ and are not implemented, as if valgrind were absent.
#[cfg(not(all(target_arch = "x86_64", target_os = "linux")))]
fn request(_words: [usize; 6]) -> usize {
    0
}
