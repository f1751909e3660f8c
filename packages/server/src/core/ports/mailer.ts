/** Sends mail to people. */
export interface Mailer {
  /** Resolves when the mail server has taken the message over; rejects otherwise. */
  send(mail: Mail): Promise<void>
}

export interface Mail {
  readonly to: string
  readonly subject: string
  readonly text: string
}
