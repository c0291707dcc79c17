"""What is wrong with the data before any model: the health panel."""

from wimhf.health.base import Checked, Cut, Item
from wimhf.health.check import Health, check_health

__all__ = ["Checked", "Cut", "Health", "Item", "check_health"]
