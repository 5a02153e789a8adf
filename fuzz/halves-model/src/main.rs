//! The link between the two halves of a stream, under every interleaving of their threads that the memory
//! model of Rust permits, as far as loom can explore them.
//!
//! The models run the source files of the link: in `cairn-tls` the channel with the end, the pauses and the
//! callback, and in `cairn-tokio` the registration of the writing task. Only locks, counters, the channel and
//! `AtomicWaker` are replaced (`sync`), and an order is a number. So the models cover what the halves share
//! and the order in which they use it, not the orders' execution and not the implementation of
//! `AtomicWaker`. A wake-up that is lost leaves a thread waiting for ever, and loom reports a deadlock.
//!
//! The program prints the number of interleavings of each model.

extern crate alloc;

#[path = "../../../crates/tls/src/stream/link.rs"]
mod link;
mod sync;
#[path = "../../../crates/tokio/src/writer_task.rs"]
mod writer_task;

use core::{
    future::poll_fn,
    sync::atomic::{AtomicU64, Ordering},
    task::Poll,
    time::Duration,
};
use link::{FromReader, ToWriter};
use loom::{future::block_on, thread};
use std::io::ErrorKind;
use writer_task::WriterTask;

/// Stands in for the connection of `cairn-tls`.
mod connection {
    /// A number in place of the tasks of the writer.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub(crate) struct Orders(pub(crate) u32);
}
use connection::Orders;

const FIRST: Orders = Orders(1);
const SECOND: Orders = Orders(2);

/// Runs the reading half on another thread and the writing half on this one. The reading half is kept until
/// the writing half is done, so that no drop wakes it.
fn together<W>(
    (mut to_writer, mut from_reader): (ToWriter, FromReader),
    read: impl FnOnce(&mut ToWriter) + Send + 'static,
    write: impl FnOnce(&mut FromReader) -> W,
) -> W {
    let reader = thread::spawn(move || {
        read(&mut to_writer);
        to_writer
    });
    let written = write(&mut from_reader);
    drop(reader.join().unwrap());
    written
}

/// Waits on this thread for everything up to the end: the orders, and the number of pauses reported.
fn wait_for_all(from_reader: &mut FromReader) -> (Vec<Orders>, u32) {
    let (mut orders, mut pauses) = (Vec::new(), 0);
    let wait = from_reader.wait_at_most(Duration::from_secs(60));
    loop {
        match from_reader.wait_for(wait) {
            Ok(Some(order)) => orders.push(order),
            Ok(None) => return (orders, pauses),
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::TimedOut, "{error}");
                pauses += 1;
            }
        }
    }
}

/// A pair whose reading half wakes the task of its writing half.
fn async_pair() -> (ToWriter, FromReader, WriterTask) {
    let (mut to_writer, from_reader) = link::pair();
    let task = WriterTask::new();
    to_writer.on_order(Box::new(task.wake()));
    (to_writer, from_reader, task)
}

/// Polls as `WriteHalf::send_orders` does, until the end or until there are `enough` orders.
fn poll_until(from_reader: &mut FromReader, task: &WriterTask, enough: usize) -> Vec<Orders> {
    let mut orders = Vec::new();
    block_on(poll_fn(|cx| {
        task.run(cx, || {
            while let Some(order) = from_reader.next() {
                orders.push(order);
            }
            if from_reader.is_over() || orders.len() >= enough { Poll::Ready(()) } else { Poll::Pending }
        })
    }));
    orders
}

/// A write that waits on its thread gets each of the orders, in order, and then the end of a half that was
/// dropped.
fn wait_gets_orders_and_the_drop() {
    let read = |mut to_writer: ToWriter| {
        to_writer.order(FIRST);
        to_writer.order(SECOND);
    };
    let (to_writer, mut from_reader) = link::pair();
    let reader = thread::spawn(move || read(to_writer));
    assert_eq!(wait_for_all(&mut from_reader), (vec![FIRST, SECOND], 0));
    reader.join().unwrap();
}

/// The same for the end of the connection, whose half is kept.
fn wait_gets_the_end() {
    let read = |to_writer: &mut ToWriter| {
        to_writer.order(FIRST);
        to_writer.send_end();
    };
    assert_eq!(together(link::pair(), read, wait_for_all), (vec![FIRST], 0));
}

/// A transport that times out again and again ends the wait at least once before the connection ends.
/// Pauses do not add up: there are at most as many as time-outs.
fn wait_gets_a_pause() {
    let read = |to_writer: &mut ToWriter| {
        to_writer.send_pause(ErrorKind::TimedOut);
        to_writer.send_pause(ErrorKind::TimedOut);
        to_writer.send_end();
    };
    let (orders, pauses) = together(link::pair(), read, wait_for_all);
    assert!(orders.is_empty() && (1..=2).contains(&pauses), "{pauses} pauses");
}

/// A wait that a pause has ended can be repeated, and the next pause ends that one too. Nothing else would.
fn each_wait_gets_a_pause() {
    let (mut to_writer, mut from_reader) = link::pair();
    for _ in 0..2 {
        let reader = thread::spawn(move || {
            to_writer.send_pause(ErrorKind::TimedOut);
            to_writer
        });
        let wait = from_reader.wait_at_most(Duration::from_secs(60));
        assert_eq!(from_reader.wait_for(wait).unwrap_err().kind(), ErrorKind::TimedOut);
        to_writer = reader.join().unwrap();
    }
}

/// A pause that orders follow is out of date, so it may or may not be reported, and no order is lost for it.
fn pause_loses_no_order() {
    let read = |to_writer: &mut ToWriter| {
        to_writer.send_pause(ErrorKind::TimedOut);
        to_writer.order(FIRST);
        to_writer.send_end();
    };
    let (orders, pauses) = together(link::pair(), read, |from_reader| {
        from_reader.forget_pause();
        wait_for_all(from_reader)
    });
    assert!(orders == [FIRST] && pauses <= 1, "{orders:?} {pauses}");
}

/// The half for reading moves to another thread while this one waits. The wait is refused if this thread
/// was the last to read, and else it gets the order.
fn wait_is_refused_to_the_thread_that_reads() {
    let (to_writer, from_reader) = link::pair();
    to_writer.reads_here();
    let read = |to_writer: &mut ToWriter| {
        to_writer.reads_here();
        to_writer.order(FIRST);
    };
    together((to_writer, from_reader), read, |from_reader| {
        let wait = from_reader.wait_at_most(Duration::from_secs(60));
        match from_reader.wait_for(wait) {
            Ok(order) => assert_eq!(order, Some(FIRST)),
            Err(error) => assert_eq!(error.kind(), ErrorKind::WouldBlock, "{error}"),
        }
    });
}

/// A task is woken for each of the orders. The reading half is kept, so that nothing else wakes it.
fn task_gets_each_order() {
    let (to_writer, from_reader, task) = async_pair();
    let read = |to_writer: &mut ToWriter| {
        to_writer.order(FIRST);
        to_writer.order(SECOND);
    };
    let orders = together((to_writer, from_reader), read, |from_reader| poll_until(from_reader, &task, 2));
    assert_eq!(orders, [FIRST, SECOND]);
}

/// A task is woken at the end of the connection, although there is nothing to send.
fn task_gets_the_end() {
    let (to_writer, from_reader, task) = async_pair();
    let read = |to_writer: &mut ToWriter| to_writer.send_end();
    assert!(
        together((to_writer, from_reader), read, |from_reader| poll_until(from_reader, &task, 1)).is_empty()
    );
}

/// A task is woken when the reading half is dropped, and has its last order by then.
fn task_gets_an_order_and_the_drop() {
    let (to_writer, mut from_reader, task) = async_pair();
    let read = |mut to_writer: ToWriter| to_writer.order(FIRST);
    let reader = thread::spawn(move || read(to_writer));
    assert_eq!(poll_until(&mut from_reader, &task, usize::MAX), [FIRST]);
    reader.join().unwrap();
}

/// The writing half was polled in one task and is then polled in another, which gets the order.
fn order_wakes_the_last_task() {
    let (to_writer, from_reader, task) = async_pair();
    let read = |to_writer: &mut ToWriter| to_writer.order(FIRST);
    let orders = together((to_writer, from_reader), read, |from_reader| {
        let mut first = None;
        block_on(poll_fn(|cx| {
            first = task.run(cx, || from_reader.next());
            Poll::Ready(())
        }));
        first.map_or_else(|| poll_until(from_reader, &task, 1), |order| vec![order])
    });
    assert_eq!(orders, [FIRST]);
}

/// The writing half is dropped: the reading half goes on.
fn orders_for_a_dropped_half_are_discarded() {
    let (mut to_writer, from_reader, task) = async_pair();
    let reader = thread::spawn(move || {
        to_writer.order(FIRST);
        to_writer.send_pause(ErrorKind::TimedOut);
    });
    drop((from_reader, task));
    reader.join().unwrap();
}

const MODELS: &[(&str, fn())] = &[
    ("a wait gets the orders and the drop", wait_gets_orders_and_the_drop),
    ("a wait gets the end", wait_gets_the_end),
    ("a wait gets a pause", wait_gets_a_pause),
    ("each wait gets a pause", each_wait_gets_a_pause),
    ("a pause loses no order", pause_loses_no_order),
    ("a wait is refused to the thread that reads", wait_is_refused_to_the_thread_that_reads),
    ("a task gets each order", task_gets_each_order),
    ("a task gets the end", task_gets_the_end),
    ("a task gets an order and the drop", task_gets_an_order_and_the_drop),
    ("an order wakes the last task", order_wakes_the_last_task),
    ("orders for a dropped half are discarded", orders_for_a_dropped_half_are_discarded),
];

fn main() {
    for (name, model) in MODELS {
        static TRIED: AtomicU64 = AtomicU64::new(0);
        TRIED.store(0, Ordering::Relaxed);
        let mut builder = loom::model::Builder::new();
        builder.max_branches = 10_000;
        let model = *model;
        builder.check(move || {
            TRIED.fetch_add(1, Ordering::Relaxed);
            model();
        });
        println!("halves-model interleavings={} name={name}", TRIED.load(Ordering::Relaxed));
    }
}
