//! A fixed address for the store, which moves to another process when one takes over.

use std::net::SocketAddr;
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinHandle,
};

/// Forwards connections to a store. It ends when it is dropped.
pub(crate) struct Forwarder {
    target: watch::Sender<Option<SocketAddr>>,
    task: JoinHandle<()>,
}

impl Forwarder {
    pub(crate) async fn start(address: SocketAddr, target: SocketAddr) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        let (target, targets) = watch::channel(Some(target));
        let task = tokio::spawn(async move {
            loop {
                let (tcp, _) = listener.accept().await.unwrap();
                tokio::spawn(forward(tcp, targets.clone()));
            }
        });
        Self { target, task }
    }

    /// Ends all connections. New ones go to this address, or end at once.
    pub(crate) fn set(&self, target: Option<SocketAddr>) {
        self.target.send_replace(target);
    }
}

impl Drop for Forwarder {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Forwards a connection until one side closes it or the target changes.
async fn forward(mut tcp: TcpStream, mut targets: watch::Receiver<Option<SocketAddr>>) {
    let Some(target) = *targets.borrow_and_update() else { return };
    let forwarding = async {
        let mut store = TcpStream::connect(target).await?;
        copy_bidirectional(&mut tcp, &mut store).await
    };
    tokio::select! {
        _ended = forwarding => {}
        _moved = targets.changed() => {}
    }
}
