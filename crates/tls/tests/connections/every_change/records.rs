//! Fragmentation: each run of messages split at every byte, joined, in records of a few bytes, and delivered
//! byte by byte. It must make no difference (RFC 5246 section 6.2.1: "client message boundaries are not
//! preserved in the record layer").

use crate::every_change::{
    flows::{self, Flow},
    peer::{Framing, Peer, Plan},
    verdict::{Verdict, judge},
};
use cairn_tls::wire::AlertDescription;

#[test]
fn server_accepts_any_fragmentation() {
    takes("server", &flows::to_server());
}

#[test]
fn client_accepts_any_fragmentation() {
    takes("client", &flows::to_client());
}

fn takes(who: &str, flows: &[Flow]) {
    let (mut cases, mut refused, mut differences) = (0, 0, Vec::new());
    let mut look = |flow: &Flow, framing: Framing, expected: Verdict| {
        let what = format!("{who}, {}, {framing:?}", flow.name);
        let verdict = judge(flow, Plan { framing, ..Plan::default() });
        cases += 1;
        refused += usize::from(matches!(verdict, Ok(Verdict::Alert(_))));
        if verdict != Ok(expected) {
            differences.push(format!("{what}: {verdict:?}, not {expected}"));
        }
    };
    for flow in flows {
        let expected = judge(flow, Plan::default()).unwrap();
        assert!(matches!(expected, Verdict::Accepted | Verdict::Resumed), "{}: {expected}", flow.name);
        let mut joined = Peer::new(flow, Plan { framing: Framing::Joined, ..Plan::default() });
        let played = joined.play();
        assert_eq!(played, Ok(()), "{}: {:?}", flow.name, joined.victim.error);
        let lengths = joined.run_lengths().to_vec();
        look(flow, Framing::Joined, expected);
        look(flow, Framing::AtOnce, expected);
        for size in [1, 2, 3, 7, 64] {
            look(flow, Framing::Sized(size), expected);
            look(flow, Framing::Pieces(size), expected);
        }
        for (run, length) in lengths.into_iter().enumerate() {
            // Records of other types may be interleaved (RFC 5246 section 6.2.1).
            look(flow, Framing::WarningWithin(run), expected);
            // A handshake record must not be empty (RFC 5246 section 6.2.1).
            let refused = Verdict::Alert(AlertDescription::UNEXPECTED_MESSAGE);
            look(flow, Framing::EmptyWithin(run), refused);
            // The same positions occur in each flow.
            let step = if flow.cut_everywhere { 1 } else { 13 };
            for at in (1..length).step_by(step) {
                look(flow, Framing::Cut { run, at }, expected);
            }
        }
    }
    println!(
        "hostile-figures to={who} message=records cases={cases} accepted={} refused={refused} differences={}",
        cases - refused,
        differences.len()
    );
    assert!(differences.is_empty(), "{} differences:\n{}", differences.len(), differences.join("\n"));
}
