/**
 * Headers of bytes that people or agents made. Whatever they are, no browser runs them in our name: they are saved, or shown alone, and
 * whoever loses the right to read them loses it at the next request.
 */
export const attachment = (type: string, name: string, how: 'inline' | 'attachment' = 'attachment') => ({
  'Content-Type': type,
  'Content-Disposition': disposition(how, name),
  'X-Content-Type-Options': 'nosniff',
  'Content-Security-Policy': "sandbox; default-src 'none'",
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cache-Control': 'private, no-cache',
})

/** RFC 6266: the name in ASCII for old clients, and as it is. */
function disposition(how: 'inline' | 'attachment', name: string): string {
  const plain = name.replace(/[^\x20-\x7e]|["\\%]/gu, '_')
  const whole = encodeURIComponent(name).replace(/['()*]/g, one => `%${one.charCodeAt(0).toString(16).toUpperCase()}`)
  return `${how}; filename="${plain}"; filename*=UTF-8''${whole}`
}
