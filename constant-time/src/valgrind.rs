//! What a program can ask of the valgrind that runs it (`valgrind.h`, `memcheck.h` and `callgrind.h` of valgrind 3).
//!
//! A request is a piece of code that changes nothing when the processor runs it, and that valgrind knows when it sees
//! it. So without valgrind nothing happens here, and every answer is 0.
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

/// Whether valgrind runs this program.
pub(crate) fn is_there() -> bool {
    request([RUNNING_ON_VALGRIND, 0, 0, 0, 0, 0]) > 0
}

/// Makes these bytes secret: memcheck calls them undefined, and reports every branch and every address that depends on
/// them, however far they went.
pub(crate) fn hide(bytes: &mut [u8]) {
    request([MAKE_MEM_UNDEFINED, bytes.as_mut_ptr().expose_provenance(), bytes.len(), 0, 0, 0]);
}

/// Makes a value public that followed from secrets until here; what it points to stays as it is.
pub(crate) fn reveal<T: ?Sized>(value: &mut T) {
    let length = size_of_val(value);
    request([MAKE_MEM_DEFINED, core::ptr::from_mut(value).expose_provenance(), length, 0, 0, 0]);
}

/// Whether memcheck takes each of these bytes for a secret. Where memcheck is not, none is.
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

/// Has callgrind begin or end to count.
pub(crate) fn toggle_counting() {
    request([TOGGLE_COLLECT, 0, 0, 0, 0, 0]);
}

/// Has callgrind write down what it has counted, under a name without a zero in it, and begin anew.
pub(crate) fn write_counts(name: &str) {
    let name: Vec<u8> = name.bytes().chain([0]).collect();
    request([DUMP_STATS_AT, name.as_ptr().expose_provenance(), 0, 0, 0, 0]);
}

/// One request and its arguments.
#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
fn request(words: [usize; 6]) -> usize {
    let mut answer = 0_usize;
    // SAFETY: to the processor these are four rotations of a register by 128 bits in all and an exchange of another
    // with itself: nothing is changed but flags, which the compiler takes for lost. Valgrind answers in rdx. It reads
    // and writes the memory that the request names, which is alive, of that length, and borrowed mutably where it is
    // written; the compiler takes all memory for read and written.
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

/// On other machines valgrind is asked in other ways, which nobody has tried here: it is as if it were not there.
#[cfg(not(all(target_arch = "x86_64", target_os = "linux")))]
fn request(_words: [usize; 6]) -> usize {
    0
}
