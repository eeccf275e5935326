"""The estate as a server: started, steered, reset and stopped."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import boto3
from botocore.config import Config
from moto.core.base_backend import BackendDict

from playground.estate import haste, repairs, services
from playground.estate.door import Door
from playground.estate.faults import Fault
from playground.estate.inside import Inside
from playground.estate.listening import Listener
from playground.estate.world import WORLD, PullRule


class Estate(Door):
    """A small AWS. One per process, because moto's state is the process's own."""

    def __init__(self) -> None:
        repairs.install()
        haste.install()
        services.install()
        super().__init__()
        self._listener: Listener | None = None
        self._threads: list[threading.Thread] = []
        self._clients: dict[tuple[str, str, str], Any] = {}
        self.reset()

    @property
    def url(self) -> str:
        """Return where the estate listens."""
        if self._listener is None:
            raise RuntimeError("the estate is not serving yet")
        return f"http://127.0.0.1:{self._listener.port}"

    def serve(self, port: int = 0) -> None:
        """Listen on the loopback address, in threads of its own; 0 takes any free port."""
        self._listener = Listener(self, port)
        self._run(self._listener.serve)

    def start_scheduler(self, interval: float = 2.0) -> None:
        """Let the services of all accounts retry by themselves, as ECS does."""

        def rounds() -> None:
            while not self.stopped.wait(interval):
                self.tick(patient=True)

        self._run(rounds)

    def stop(self) -> None:
        """Stop serving and scheduling."""
        self.stopped.set()
        for client in self._clients.values():
            client.close()
        if self._listener is not None:
            self._listener.stop()
        for thread in self._threads:
            thread.join(timeout=5)

    def _run(self, work: Callable[[], None]) -> None:
        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        self._threads.append(thread)

    def reset(self) -> None:
        """Forget every account, every fault and every call."""
        with WORLD.lock:
            BackendDict.reset()
            WORLD.reset()
            services.settings()
        self.calls.clear()
        self.faults.clear()
        self.enforcing, self.latency = True, 0.0

    def tick(self, *names: str, patient: bool = False) -> None:
        """Let every service, or those named, go one round: retry, recover, break again, roll out.

        *patient* leaves out retries that would only repeat a recent failure.
        """
        with WORLD.lock:
            services.tick(names, patient=patient)

    def deny(self, principal: str, action: str) -> None:
        """Take a permission away: refuse calls that match both patterns, until allow_all."""
        self.faults.append(Fault(action, "denied", count=10**9, principal=principal))

    def allow_all(self) -> None:
        """Take every fault and refusal back."""
        self.faults.clear()

    def add_pull_rule(self, image: str, reason: str, login: tuple[str, str] | None = None) -> None:
        """Let pulls of images that match fail for *reason*; for what other registries know.

        *login* is the one user and password that the registry takes, where any will not do.
        """
        WORLD.pull_rules.append(PullRule(image, reason, login))

    def accept_upstream(self, host: str, token: str) -> None:
        """Let the upstream registry *host* of caches take this token alone."""
        WORLD.upstream_tokens[host] = token

    def add_scp(self, account: str, document: str) -> None:
        """Put *account* under a service control policy of its organization, beside those there are."""
        WORLD.scps[account] = (*WORLD.scps.get(account, ()), document)

    def set_clock(self, clock: Callable[[], float]) -> None:
        """Use another clock for tasks and services."""
        WORLD.clock = clock

    def client(self, service: str, account: str, region: str) -> Any:
        """Return a boto3 client of the administrator of *account*."""
        key = (service, account, region)
        if key not in self._clients:
            self._clients[key] = boto3.client(
                service, region_name=region, endpoint_url=self.url, aws_access_key_id=account,
                aws_secret_access_key="estate", config=Config(retries={"total_max_attempts": 1}),
            )  # fmt: skip
            Inside(self).attach(self._clients[key])
        return self._clients[key]
