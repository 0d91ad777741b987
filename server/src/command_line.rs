//! The command line.

use crate::{
    accounts, application_users, check,
    configuration::{Configuration, ConfigurationError, FILE_VARIABLE, unknown_variables},
    diff::{self, Form},
    host::{self, OpenError},
    log, memory, secret_keys,
    serve::{self, ServeError},
    setting,
};
use clap::{Parser, Subcommand};
use model::user::Roles;
use pipelines::secret::{self, KeyError};
use std::{
    io::{self, Write},
    path::PathBuf,
};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// Deployment pipelines for Power Platform solutions, on a machine of your own.
#[derive(Debug, Parser)]
#[command(name = "slipway", version, after_long_help = setting::help(), after_help = "Every setting: slipway --help")]
pub struct CommandLine {
    /// File of settings, instead of slipway.toml in the data folder
    #[arg(long, global = true, value_name = "FILE", env = FILE_VARIABLE)]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the site and work off runs (this is what happens without a command)
    Serve,
    /// Show what pre-flight says to a solution package
    Check {
        /// The package
        #[arg(value_name = "PACKAGE.zip")]
        package: PathBuf,
        /// A package to take as installed in the target; may be given more than once
        #[arg(long, value_name = "OTHER.zip")]
        installed: Vec<PathBuf>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Show what differs between two solution packages (status 0: nothing, 1: something, 2: trouble)
    Diff {
        /// The package as it was
        #[arg(value_name = "A.zip")]
        before: PathBuf,
        /// The package as it is
        #[arg(value_name = "B.zip")]
        after: PathBuf,
        /// Print JSON
        #[arg(long, conflicts_with = "markdown")]
        json: bool,
        /// Print Markdown
        #[arg(long)]
        markdown: bool,
    },
    /// Create accounts, or help somebody who cannot sign in
    User {
        #[command(subcommand)]
        command: UserCommand,
    },
    /// Look after the keys under which secrets are sealed in the database
    Secrets {
        #[command(subcommand)]
        command: SecretsCommand,
    },
    /// Say which applications may use the Web API of a built-in environment
    ApplicationUser {
        #[command(subcommand)]
        command: ApplicationUserCommand,
    },
    /// Try the Dataverse environments that are connected, step by step
    Dataverse,
    /// Show the settings in effect and where each comes from
    Config,
}

#[derive(Debug, Subcommand)]
enum UserCommand {
    /// Create an account and print its one-time password
    Add {
        /// Name to sign in with
        name: String,
        /// Name for people; the name to sign in with when not given
        #[arg(long, value_name = "NAME")]
        display_name: Option<String>,
        /// Let the person configure environments, pipelines and people
        #[arg(long)]
        administrator: bool,
    },
    /// Print a new one-time password for an account
    ResetPassword {
        /// Name to sign in with
        name: String,
    },
}

#[derive(Debug, Subcommand)]
enum SecretsCommand {
    /// Add a new key to the file of keys, and seal every secret anew under the newest key
    Rotate,
}

#[derive(Debug, Subcommand)]
enum ApplicationUserCommand {
    /// Register an application and print its client secret
    Add {
        /// Name or Environment ID of the built-in environment
        environment: String,
        /// Name of the application, for people
        name: String,
    },
    /// Show the applications of an environment
    List {
        /// Name or Environment ID of the built-in environment
        environment: String,
    },
    /// Remove an application; its tokens end at once
    Remove {
        /// Name or Environment ID of the built-in environment
        environment: String,
        /// Client id of the application
        client_id: Uuid,
    },
}

/// Why a command was not done.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// The settings cannot be used.
    #[error(transparent)]
    Configuration(#[from] ConfigurationError),
    /// The data folder or the database cannot be used.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// Slipway does not serve.
    #[error(transparent)]
    Serve(#[from] ServeError),
    /// The keys of secrets cannot be used.
    #[error(transparent)]
    Keys(#[from] KeyError),
    /// The host refused.
    #[error(transparent)]
    Host(#[from] pipelines::Error),
    /// Nothing can be printed.
    #[error("The output cannot be written: {0}.")]
    Output(#[from] io::Error),
}

impl CommandLine {
    /// Does what was asked for. Returns the exit status.
    pub async fn run(self, out: &mut (dyn Write + Send)) -> Result<u8, CommandError> {
        let command = match self.command {
            // Needs no settings: it reads the packages and nothing else.
            Some(Command::Check { package, installed, json }) => {
                return Ok(check::check(&package, &installed, json, out));
            }
            Some(Command::Diff { before, after, json, markdown }) => {
                let form = match (json, markdown) {
                    (true, _) => Form::Json,
                    (_, true) => Form::Markdown,
                    _ => Form::Text,
                };
                return Ok(diff::diff(&before, &after, form, out));
            }
            command => command.unwrap_or(Command::Serve),
        };
        let configuration = Configuration::load(self.config.as_deref())?;
        if let Command::Config = command {
            print(&configuration, out)?;
            return Ok(0);
        }
        log::start(&configuration.log, configuration.log_format);
        let variables = std::env::vars_os().map(|(name, _)| name.to_string_lossy().into_owned());
        for name in unknown_variables(variables) {
            tracing::warn!("{name} is set, but Slipway has no such setting, so it does nothing");
        }
        if let Command::Secrets { command: SecretsCommand::Rotate } = command {
            // The keys are created when they are not there yet.
            host::open(&configuration).await?;
            let added = secret_keys::add(&configuration)?;
            let sealed = secret::rotate(&host::open(&configuration).await?.host).await?;
            if added {
                writeln!(out, "Added a key to {}.", configuration.data.join(secret_keys::FILE).display())?;
            }
            writeln!(out, "Secrets sealed anew under the newest key: {sealed}.")?;
            return Ok(0);
        }
        if let Command::User { command } = command {
            let host = host::open(&configuration).await?.host;
            let told = match command {
                UserCommand::Add { name, display_name, administrator } => {
                    let role = if administrator { Roles::ADMINISTRATOR } else { Roles::USER };
                    accounts::add(&host, &name, display_name.as_deref(), role).await?
                }
                UserCommand::ResetPassword { name } => accounts::reset_password(&host, &name).await?,
            };
            write!(out, "{told}")?;
        } else if let Command::Dataverse = command {
            let (told, all_good) = host::check_dataverse(&configuration).await?;
            write!(out, "{told}")?;
            return Ok(u8::from(!all_good));
        } else if let Command::ApplicationUser { command } = command {
            let host = host::open(&configuration).await?.host;
            let told = match command {
                ApplicationUserCommand::Add { environment, name } => {
                    application_users::add(&host, &configuration, &environment, &name).await?
                }
                ApplicationUserCommand::List { environment } => application_users::list(&host, &environment).await?,
                ApplicationUserCommand::Remove { environment, client_id } => {
                    application_users::remove(&host, &environment, client_id).await?
                }
            };
            write!(out, "{told}")?;
        } else {
            memory::have_large_pieces_given_back();
            serve::serve(&configuration, CancellationToken::new(), tell).await?;
        }
        Ok(0)
    }
}

/// Prints every setting in the form of the file, with where it comes from.
fn print(configuration: &Configuration, out: &mut dyn Write) -> io::Result<()> {
    for origin in &configuration.origins {
        writeln!(out, "{} = {:?}  # {}", origin.key, origin.value, origin.source)?;
    }
    Ok(())
}

/// Tells whoever started Slipway. What cannot be told, because nobody reads the output, is no reason not to serve.
fn tell(text: &str) {
    let mut out = io::stdout().lock();
    if write!(out, "{text}").and_then(|()| out.flush()).is_err() {
        tracing::warn!("standard output cannot be written");
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_sound() {
        CommandLine::command().debug_assert();
    }

    #[test]
    fn the_long_help_documents_every_setting() {
        let help = CommandLine::command().render_long_help().to_string();
        for setting in setting::ALL {
            assert!(help.contains(setting.what), "{}", setting.key);
        }
    }

    #[test]
    fn without_a_command_it_serves() {
        assert!(CommandLine::try_parse_from(["slipway"]).unwrap().command.is_none());
        assert!(matches!(CommandLine::try_parse_from(["slipway", "serve"]).unwrap().command, Some(Command::Serve)));
    }

    #[test]
    fn a_check_takes_a_package_and_those_that_are_installed() {
        let line = ["slipway", "check", "a.zip", "--installed", "b.zip", "--installed", "c.zip", "--json"];
        match CommandLine::try_parse_from(line).unwrap().command {
            Some(Command::Check { package, installed, json: true }) => {
                assert_eq!(package, PathBuf::from("a.zip"));
                assert_eq!(installed, [PathBuf::from("b.zip"), PathBuf::from("c.zip")]);
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_comparison_takes_two_packages_and_one_form() {
        let line = |form: &[&'static str]| {
            CommandLine::try_parse_from([&["slipway", "diff", "a.zip", "b.zip"], form].concat())
        };
        assert!(matches!(line(&["--markdown"]).unwrap().command, Some(Command::Diff { markdown: true, .. })));
        assert!(line(&["--markdown", "--json"]).is_err());
        assert!(CommandLine::try_parse_from(["slipway", "diff", "a.zip"]).is_err());
    }

    #[tokio::test]
    async fn a_file_that_is_no_package_ends_with_status_two() {
        let line = CommandLine::try_parse_from(["slipway", "check", "/nowhere/at/all.zip", "--json"]).unwrap();
        assert_eq!(line.run(&mut Vec::new()).await.unwrap(), 2);
    }
}
