/** Writes a line for a log: `2026-11-25 14:02:05,123 - assistant - DEBUG - …`, in local time. */
export function logLine(date: Date, level: string, text: string): string {
  const two = (value: number) => String(value).padStart(2, '0')
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join('-')
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':')
  return `${day} ${time},${String(date.getMilliseconds()).padStart(3, '0')} - assistant - ${level} - ${text}`
}
