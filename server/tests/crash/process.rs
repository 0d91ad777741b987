//! The real server, in a process of its own that is killed and paused as machines do it.

use std::{
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// How long a start may take.
const START: Duration = Duration::from_mins(1);

/// A running server.
pub struct Process {
    child: Child,
    output: PathBuf,
}

impl Process {
    /// Starts a server over a data folder, and a database where it is not the one in that folder.
    pub fn start(data: &Path, database: Option<&str>, number: usize) -> Self {
        let output = data.join(format!("output-{number}"));
        let file = std::fs::File::create(&output).expect("a file for what the server says");
        let mut command = Command::new(env!("CARGO_BIN_EXE_slipway"));
        command
            .env_clear()
            .env("SLIPWAY_DATA", data)
            .env("SLIPWAY_PORT", "0")
            .env("SLIPWAY_LOG", "warn")
            .stdin(Stdio::null())
            .stderr(file.try_clone().expect("the same file"))
            .stdout(file);
        if let Some(database) = database {
            command.env("SLIPWAY_DATABASE_URL", database);
        }
        Self { child: command.spawn().expect("a server"), output }
    }

    /// Waits until it listens.
    pub async fn listens(&mut self) {
        let began = Instant::now();
        while !self.said().contains("Slipway listens on ") {
            let ended = self.child.try_wait().expect("the state of the server");
            assert!(ended.is_none() && began.elapsed() < START, "the server did not start: {}", self.said());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// What it wrote.
    pub fn said(&self) -> String {
        std::fs::read_to_string(&self.output).unwrap_or_default()
    }

    /// Ends it as a power cut does.
    pub fn kill(mut self) {
        assert!(
            self.child.try_wait().expect("the state of the server").is_none(),
            "it ended by itself: {}",
            self.said()
        );
        self.child.kill().expect("to be killed");
        self.child.wait().expect("its end");
    }

    /// Stops it in the middle of whatever it does, as a machine that is moved or out of memory does.
    pub fn pause(&self) {
        self.signal("-STOP");
    }

    /// Lets it go on.
    pub fn wake(&self) {
        self.signal("-CONT");
    }

    fn signal(&self, signal: &str) {
        let sent = Command::new("kill").args([signal, &self.child.id().to_string()]).status().expect("kill");
        assert!(sent.success(), "{signal}");
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
