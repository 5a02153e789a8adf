//! Halves of a stream, on two threads over TCP.

use crate::support::{Kind, client, name, server, tcp};
use cairn_tls::{ClientConfig, ErrorKind, ReadHalf, ServerConfig, Stream, WriteHalf, tls_error};
use std::{
    io::{self, Read, Write},
    net::{Shutdown, TcpStream},
    thread,
    time::Duration,
};

type Halves = (ReadHalf<TcpStream>, WriteHalf<TcpStream>);

fn configs() -> (ClientConfig, ServerConfig) {
    (client().build().unwrap(), server(Kind::P256).build().unwrap())
}

/// The halves of both ends.
fn halves() -> (Halves, Halves) {
    let (near, far) = tcp();
    let (client, server) = configs();
    let far =
        thread::spawn(move || Stream::server(&server, far).unwrap().split(TcpStream::try_clone).unwrap());
    let near = Stream::client(&client, name(), near).unwrap().split(TcpStream::try_clone).unwrap();
    (near, far.join().unwrap())
}

const LENGTH: usize = 10 << 20;

fn byte(i: usize, salt: usize) -> u8 {
    (i * 31 + (i >> 9) + salt) as u8
}

#[test]
fn halves_transfer_ten_megabytes_in_both_directions_at_once() {
    let (near, far) = halves();
    let write = |mut half: WriteHalf<TcpStream>, salt| {
        thread::spawn(move || {
            let data: Vec<u8> = (0..LENGTH).map(|i| byte(i, salt)).collect();
            // Pieces of many sizes.
            let mut rest = &data[..];
            let mut size = 1;
            while !rest.is_empty() {
                let (now, later) = rest.split_at(size.min(rest.len()));
                half.write_all(now).unwrap();
                rest = later;
                size = (size * 3 + 1) % 200_000;
            }
            half.flush().unwrap();
            half
        })
    };
    let read = |mut half: ReadHalf<TcpStream>, salt| {
        thread::spawn(move || {
            let mut data = vec![0; LENGTH];
            half.read_exact(&mut data).unwrap();
            assert!(data.iter().enumerate().all(|(i, came)| *came == byte(i, salt)));
            half
        })
    };
    let threads = (write(near.1, 1), write(far.1, 2), read(near.0, 2), read(far.0, 1));
    let mut near_write = threads.0.join().unwrap();
    let mut far_write = threads.1.join().unwrap();
    let (mut near_read, mut far_read) = (threads.2.join().unwrap(), threads.3.join().unwrap());
    near_write.close().unwrap();
    assert_eq!(far_read.read(&mut [0]).unwrap(), 0);
    // The reader orders the answer to close_notify; the writer sends it in its next call.
    far_write.flush().unwrap();
    assert_eq!(near_read.read(&mut [0]).unwrap(), 0);
    let error = far_write.write(b"too late").unwrap_err();
    assert_eq!(tls_error(&error).unwrap().kind, ErrorKind::WriteAfterClose);
    assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
}

#[test]
fn writer_sends_the_alert_in_the_readers_orders() {
    let (mut near, mut far) = halves();
    let mut raw = near.1.transport().try_clone().unwrap();
    raw.write_all(b"\x17\x03\x03\x00\x20aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbb").unwrap();
    let error = far.0.read(&mut [0]).unwrap_err();
    assert!(matches!(tls_error(&error).unwrap().kind, ErrorKind::Record(_)));
    let error = far.1.write(b"as if nothing had happened").unwrap_err();
    assert_eq!(tls_error(&error).unwrap().kind, ErrorKind::WriteAfterClose);
    far.1.flush().unwrap();
    let error = near.0.read(&mut [0]).unwrap_err();
    assert!(error.to_string().contains("bad_record_mac"), "{error}");
    // The peer has closed the transport: no response is possible.
    assert!(near.1.write(b"?").is_err());
}

#[test]
fn each_half_works_after_the_other_is_dropped() {
    let (near, far) = halves();
    let (near_read, mut near_write) = near;
    let (mut far_read, far_write) = far;
    drop(near_read);
    drop(far_write);
    let writer = thread::spawn(move || {
        near_write.write_all(&[7; 1_000_000]).unwrap();
        near_write.close().unwrap();
    });
    let mut came = Vec::new();
    far_read.read_to_end(&mut came).unwrap();
    assert_eq!(came.len(), 1_000_000);
    assert!(far_read.reader().is_closed());
    writer.join().unwrap();
}

#[test]
fn missing_transport_after_close_notify_is_an_orderly_end_for_halves() {
    let (mut near, far) = halves();
    let (far_read, mut far_write) = far;
    far_write.close().unwrap();
    // Bytes that are never read make the system reset the connection.
    near.1.write_all(b"unread").unwrap();
    thread::sleep(Duration::from_millis(50));
    far_write.transport().shutdown(Shutdown::Both).unwrap();
    drop((far_read, far_write));
    assert_eq!(near.0.read(&mut [0]).unwrap(), 0);
    thread::sleep(Duration::from_millis(50));
    near.1.close().unwrap();
    near.1.close().unwrap();
}

#[test]
fn dropped_writing_half_is_a_truncation_for_the_peer() {
    let (near, mut far) = halves();
    let mut near_write = near.1;
    near_write.write_all(b"half of a sen").unwrap();
    near_write.transport().shutdown(Shutdown::Write).unwrap();
    drop(near_write);
    let mut came = Vec::new();
    let error = far.0.read_to_end(&mut came).unwrap_err();
    assert_eq!(came, b"half of a sen");
    assert!(tls_error(&error).unwrap().is_truncation());
}

#[test]
fn data_received_with_finished_survives_split() {
    let (near, far) = tcp();
    let (client, server) = configs();
    let server = thread::spawn(move || {
        let mut far = Stream::server(&server, far).unwrap();
        far.write_all(b"a greeting").unwrap();
        far.close().unwrap();
        let mut came = Vec::new();
        far.read_to_end(&mut came).unwrap();
        came
    });
    // Time for it to arrive together with Finished.
    let mut near = Stream::client(&client, name(), near).unwrap();
    near.handshake().unwrap();
    thread::sleep(Duration::from_millis(50));
    let mut first = [0; 2];
    near.read_exact(&mut first).unwrap();
    let (mut read, mut write) = near.split(TcpStream::try_clone).unwrap();
    let mut rest = String::new();
    read.read_to_string(&mut rest).unwrap();
    assert_eq!((&first, rest.as_str()), (b"a ", "greeting"));
    assert!(write.write(b"x").is_err(), "close_notify is answered, not argued with");
    write.flush().unwrap();
    assert_eq!(server.join().unwrap(), b"");
}
